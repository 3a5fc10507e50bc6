"""Locust custom arguments, declared once: command line, locust.conf, environment and web form.

The scenario's own settings are the defaults, so that `--help` and the web form show what a run
will really do. Order: command line, then environment, then locust.conf, then the scenario.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from locust.argument_parser import get_empty_argument_parser
from pydantic import TypeAdapter, ValidationError

from scenarios.connections.options import PLAN as CONNECTIONS
from scenarios.connections.options import connections_from, declare_connections
from scenarios.errors import UsageError
from scenarios.guards import declare_guards
from scenarios.model import PhaseSettings, PlanKind, Scenario

DEFAULT_SCENARIO = Path(__file__).with_name("demo.toml")
_SETTINGS = TypeAdapter(PhaseSettings)
AUTOMATIC = ("--memory-source", "--limit-way")
PLAN_KINDS = get_args(PlanKind)


def scenario_path(arguments: Sequence[str]) -> Path:
    """The scenario file that `arguments` or PLIMSOLL_SCENARIO name; the demo by default.

    Read before Locust's full parser, because the scenario's figures are that parser's defaults;
    with the same kind of parser, so that the environment and locust.conf count here, too.
    """
    early = get_empty_argument_parser(add_help=False)
    early.add_argument("--scenario", default=None, env_var="PLIMSOLL_SCENARIO")
    known, _ = early.parse_known_args(list(arguments))
    return Path(known.scenario) if known.scenario else DEFAULT_SCENARIO


def declare_options(parser: Any, scenario: Scenario) -> None:
    """Add the suite's arguments to Locust's parser (`locust.argument_parser`)."""
    phases = scenario.phases
    parser.add_argument(
        "--plan",
        choices=PLAN_KINDS,
        default=phases.plan,
        env_var="PLIMSOLL_PLAN",
        help="steady: one load; staircase: equal steps up to --users; two-wave: the same load "
        "twice, to tell a leak from a cache; soak: warm-up, then a long level load; attribution: "
        "each tier and each suspicious endpoint alone, then the mix; connections: opened in steps, "
        "held, closed; manual: no plan, you drive the web UI",
    )
    for name, default, what in (
        ("baseline", phases.baseline_seconds, "Seconds at 0 users before the load"),
        ("load", phases.load_seconds, "Seconds of load, ramp included"),
        ("cooldown", phases.cooldown_seconds, "Seconds at 0 users after the load"),
    ):
        parser.add_argument(
            f"--{name}",
            type=float,
            default=default,
            env_var=f"PLIMSOLL_{name.upper()}",
            metavar="SECONDS",
            help=f"{what} (scenario: {default:g})",
        )
    parser.add_argument(
        "--steps",
        type=int,
        default=phases.steps,
        env_var="PLIMSOLL_STEPS",
        help="Stairs of the staircase plan",
    )
    _declare_attribution(parser, phases)
    # Locust's own --users and --spawn-rate carry the other two settings of a plan.
    parser.set_defaults(num_users=phases.users, spawn_rate=phases.spawn_rate)
    declare_connections(parser, scenario)
    _declare_target(parser, scenario)
    declare_guards(parser, scenario)


def _declare_attribution(parser: Any, phases: PhaseSettings) -> None:
    for flag, default, what in (
        ("--single", phases.single_seconds, "Attribution: seconds of each part with one user"),
        ("--isolated", phases.isolated_seconds, "Attribution: seconds of each part with all users"),
        ("--rest", phases.rest_seconds, "Attribution: seconds without users behind each part"),
        ("--budget-minutes", phases.budget_minutes, "Attribution: endpoints alone only within it"),
    ):
        parser.add_argument(
            flag,
            type=float,
            default=default,
            env_var="PLIMSOLL_" + flag[2:].replace("-", "_").upper(),
            include_in_web_ui=False,
            metavar="MINUTES" if "minutes" in flag else "SECONDS",
            help=f"{what} (scenario: {default:g})",
        )
    parser.add_argument(
        "--seed",
        type=int,
        default=None,
        env_var="PLIMSOLL_SEED",
        include_in_web_ui=False,
        help="Users draw endpoints, values and pauses from this seed: the same in each run",
    )


def _declare_target(parser: Any, scenario: Scenario) -> None:
    for flag, what in (
        ("--scenario", "Scenario file (TOML); see scenarios/"),
        ("--target-pid", "Watch this running process and its children"),
        ("--target-port", "Watch the process that listens on this port"),
        ("--target-name", "Watch the process whose command line matches this pattern"),
        ("--target-command", "Start this command as the target and stop it at the end"),
        ("--allow-host", "A host that is not loopback and may be loaded (comma-separated names)"),
        (
            "--sidecar-url",
            "Measured by sidecars on the service's hosts: [name=]https://host:port, several with"
            " commas; their token in PLIMSOLL_SIDECAR_TOKEN",
        ),
        ("--sidecar-ca", "Certificate (PEM) of the authority that vouches for these sidecars"),
        ("--memory-source", "Where memory figures come from: auto, procfs, cgroup, portable"),
        ("--run-under", "Start the target under this hard memory limit, such as 512MiB, no swap"),
        ("--limit-way", "How: auto, cgroup-v1, cgroup-v2, systemd, docker"),
        ("--follows", "KIND:RUN that this run belongs to (written by verify and find-limit)"),
        ("--gates", "TOML file with a [gates] table; its keys stand before the scenario's"),
        ("--alert-webhook", "Address that each alert is posted to as JSON (chat, on-call)"),
        ("--memory-limit", "Limit that alerts refer to, such as 512MiB, where none can be read"),
    ):
        parser.add_argument(
            flag,
            default="auto" if flag in AUTOMATIC else None,
            env_var="PLIMSOLL_" + flag[2:].replace("-", "_").upper(),
            include_in_web_ui=False,
            help=what,
        )
    _declare_inside(parser, scenario)
    parser.add_argument(
        "--sample-interval",
        type=float,
        default=0.1,
        env_var="PLIMSOLL_INTERVAL",
        include_in_web_ui=False,
        metavar="SECONDS",
        help="Seconds between two memory samples (0.1)",
    )
    parser.add_argument(
        "--runs-dir",
        default="runs",
        env_var="PLIMSOLL_RUNS_DIR",
        include_in_web_ui=False,
        help=f"Folder for run directories (scenario {scenario.name}: runs/<UTC time>-"
        f"{scenario.name}/)",
    )


def _declare_inside(parser: Any, scenario: Scenario) -> None:
    parser.add_argument(
        "--inside",
        default=scenario.inside.ask,
        env_var="PLIMSOLL_INSIDE",
        include_in_web_ui=False,
        help="What is asked of the processes themselves: auto (a probe that the application"
        " brings), yes (a started Python brings a probe, Node's inspector is opened), no"
        f" (scenario: {scenario.inside.ask})",
    )
    for flag, default, what in (
        (
            "--heap-snapshots",
            scenario.inside.heap_snapshots,
            "Node: heap snapshots between the phases, compared in the report",
        ),
        (
            "--trace-components",
            False,
            "Python: trace allocations; nothing else of such a run counts",
        ),
    ):
        parser.add_argument(
            flag,
            action="store_true",
            default=default,
            env_var="PLIMSOLL_" + flag[2:].replace("-", "_").upper(),
            include_in_web_ui=False,
            help=what,
        )


def settings_from(options: argparse.Namespace, scenario: Scenario) -> PhaseSettings:
    """Phase settings as parsed (or as sent by the web form). Raises UsageError."""
    _refuse_what_breaks_a_plan(options)
    wanted = asdict(scenario.phases) | {
        "plan": options.plan,
        "baseline_seconds": options.baseline,
        "load_seconds": options.load,
        "cooldown_seconds": options.cooldown,
        "steps": options.steps,
        "single_seconds": options.single,
        "isolated_seconds": options.isolated,
        "rest_seconds": options.rest,
        "budget_minutes": options.budget_minutes,
        "users": options.num_users,
        "spawn_rate": options.spawn_rate,
    }
    if options.plan == CONNECTIONS:
        wanted["users"] = connections_from(options, scenario).count
    try:
        return _SETTINGS.validate_python(wanted)
    except ValidationError as error:
        first = error.errors()[0]
        flag = "--" + str(first["loc"][-1]).removesuffix("_seconds").replace("_", "-")
        raise UsageError(
            f"{flag} {first['input']}: {first['msg'][0].lower()}{first['msg'][1:]}"
        ) from None


def _refuse_what_breaks_a_plan(options: argparse.Namespace) -> None:
    if options.plan == "manual":
        return
    if getattr(options, "run_time", None):
        raise UsageError(
            "--run-time does not go with a phase plan (Locust would ignore it): give --baseline, "
            "--load and --cooldown in seconds instead, or --plan manual"
        )
    if getattr(options, "reset_stats", False):
        raise UsageError(
            "--reset-stats does not go with a phase plan: it would erase the statistics at every "
            "phase; leave it out"
        )
