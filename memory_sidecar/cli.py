"""The command: whom to watch, how often, where to, and how long."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from memory_sidecar.address import parse_address
from memory_sidecar.errors import SidecarError
from memory_sidecar.finding_again import RESTART_SECONDS
from memory_sidecar.inside.choosing import CHOICES as INSIDE
from memory_sidecar.source_choice import CHOICES
from rundir import RunClock

TOKEN_VARIABLE = "PLIMSOLL_SIDECAR_TOKEN"  # noqa: S105 - the variable's name

EXAMPLES = """\
examples:
  python -m memory_sidecar --pid 1234                          until Ctrl-C, then a summary
  python -m memory_sidecar --port 8000 --duration 60 --json    one minute, summary as JSON
  python -m memory_sidecar --name 'gunicorn.*app' --run-dir watch/   samples into files
  python -m memory_sidecar --remote --serve 0.0.0.0:8765 --run-dir watch/ --port 8000 \\
    --tls-cert cert.pem --tls-key key.pem                      a service for load elsewhere

Sizes are those of the whole process tree: the working set of its cgroup where only the target
lives in it, else PSS (shared pages counted once) where it can be read, else RSS. Peaks come from
the kernel's high-water marks, so that spikes between two samples count.
Exit code 2: bad input, or the disk did not take every sample.
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(
        prog="python -m memory_sidecar",
        description="Sample the memory of a process and all its children.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whom = command.add_mutually_exclusive_group(required=True)
    whom.add_argument("--pid", type=int, help="this process")
    whom.add_argument("--port", type=int, help="the process that listens on this TCP port")
    whom.add_argument("--name", help="the process whose command line matches this pattern")
    command.add_argument(
        "--interval", type=float, default=0.1, metavar="SECONDS", help="between samples (0.1)"
    )
    command.add_argument("--duration", type=float, metavar="SECONDS", help="end after this long")
    command.add_argument("--run-dir", type=Path, help="write samples and events there")
    command.add_argument("--limit", help="limit for alerts at 80 %% and 90 %%, such as 512MiB")
    command.add_argument(
        "--source",
        default="auto",
        metavar="NAME",
        help="where figures come from: "
        + "; ".join(f"{name}: {what}" for name, what in CHOICES.items()),
    )
    command.add_argument(
        "--follow-name",
        metavar="PATTERN",
        help="find a restarted target again by this pattern (else by the ports it listens on)",
    )
    command.add_argument(
        "--restart-timeout",
        type=float,
        default=RESTART_SECONDS,
        metavar="SECONDS",
        help="a target that went away and can be found by its name or port is waited for so long"
        f" ({RESTART_SECONDS:g})",
    )
    command.add_argument(
        "--inside",
        default="auto",
        choices=sorted(INSIDE),
        help="what is asked of the processes themselves: "
        + "; ".join(f"{name}: {what}" for name, what in INSIDE.items()),
    )
    command.add_argument(
        "--heap-snapshots",
        action="store_true",
        help="heap snapshots of Node processes at each look between phases (needs --run-dir)",
    )
    command.add_argument(
        "--components",
        metavar="JSON",
        help='group traced memory by this map, such as {"data": ["app.data", "pandas"]}',
    )
    command.add_argument("--json", action="store_true", help="print the summary as JSON")
    command.add_argument(
        "--serve",
        nargs="?",
        const="0",
        metavar="[HOST:]PORT",
        help="control server, on 127.0.0.1 (port 0: a free one) unless there is --remote; token in"
        " PLIMSOLL_SIDECAR_TOKEN",
    )
    command.add_argument(
        "--remote",
        action="store_true",
        help="be a service for load generators elsewhere: wait for the target, serve one run after"
        " the other (each into its own folder of --run-dir) until SIGTERM",
    )
    command.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate of --serve")
    command.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key")
    command.add_argument(
        "--clock",
        metavar="WALL,MONOTONIC",
        help="the run's clock, so that all its files agree (used by the harness)",
    )
    command.add_argument(
        "--owned", action="store_true", help="end when standard input closes (used by the harness)"
    )
    return command


def check(options: argparse.Namespace) -> None:
    """Refuse values that cannot work; turn the clock's text into one. Raises SidecarError."""
    if options.source not in CHOICES:
        raise SidecarError(
            f"--source {options.source}: expected one of {', '.join(CHOICES)}; see --help"
        )
    try:
        options.clock = RunClock.parse(options.clock) if options.clock else None
    except ValueError:
        raise SidecarError(f"--clock {options.clock}: expected two numbers") from None
    options.components = _components(options.components)
    if not 0.01 <= options.interval <= 3600:
        raise SidecarError(f"--interval {options.interval:g}: expected 0.01 to 3600 seconds")
    if not options.restart_timeout > 0:
        raise SidecarError(
            f"--restart-timeout {options.restart_timeout:g}: expected more than 0 seconds"
        )
    if options.duration is not None and options.duration <= 0:
        raise SidecarError(f"--duration {options.duration:g}: expected more than 0 seconds")
    if options.serve is not None and not os.environ.get(TOKEN_VARIABLE):
        raise SidecarError(f"--serve needs a token: set {TOKEN_VARIABLE}")
    _check_serving(options)


def _check_serving(options: argparse.Namespace) -> None:
    if options.serve is not None:
        try:
            options.serve = parse_address(options.serve)
        except ValueError as error:
            raise SidecarError(f"--serve {error}") from None
    if bool(options.tls_cert) != bool(options.tls_key):
        raise SidecarError("--tls-cert and --tls-key go together: give both")
    if not options.remote:
        if options.tls_cert or (options.serve is not None and not options.serve.is_loopback):
            raise SidecarError("to be reached from other hosts, or by TLS, it needs --remote")
        return
    for name in ("duration", "json", "owned"):
        if getattr(options, name):
            raise SidecarError(f"--{name} does not go with --remote: it serves until SIGTERM")
    if options.serve is None or options.run_dir is None:
        raise SidecarError("--remote needs --serve [HOST:]PORT and --run-dir FOLDER")


def _components(text: str | None) -> dict[str, list[str]] | None:
    if text is None:
        return None
    try:
        content = json.loads(text)
        return {str(name): [str(one) for one in prefixes] for name, prefixes in content.items()}
    except (ValueError, AttributeError, TypeError):
        raise SidecarError(
            f"--components {text[:60]}: expected a JSON object of lists of module prefixes"
        ) from None
