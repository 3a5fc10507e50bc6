"""`python -m harness.proving verify | find-limit | what-if | components`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.exit_code import exit_code
from harness.limits.choosing import AUTO, NAMES
from harness.proving.components import components
from harness.proving.find_limit import Settings, find_limit
from harness.proving.replay import ROOT
from harness.proving.verify import size_of, verify
from harness.proving.what_if import what_if
from scenarios.errors import UsageError

DEMO = ROOT / "scenarios" / "demo.toml"
DESCRIPTION = """\
Prove a size by running the service under it: a hard memory limit, no swap, the same load.

verify      repeats a run under the size that its report advises (or --limit): verified, refuted
            (with what happened, and when), or cannot tell
find-limit  the smallest limit that is survived, by bisection with a short load
what-if     several worker counts under one limit: which carries most requests per second
components  repeats a run with allocations traced: who in a Python service holds what stays"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0, 1 (refuted, or nothing survived) or 2 (bad input)."""
    options = parser().parse_args(arguments)
    return exit_code(lambda: int(options.action(options)), "interrupted; the runs so far are kept")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(
        prog="python -m harness.proving",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = command.add_subparsers(required=True, metavar="ACTION")
    proof = actions.add_parser("verify", help="repeat a run under its advised limit")
    proof.add_argument("run", type=Path, nargs="?", metavar="RUN")
    proof.add_argument("--last", type=Path, metavar="RUNS", help="the newest run below this folder")
    proof.add_argument("--limit", metavar="SIZE", help="another limit, such as 512MiB")
    proof.set_defaults(action=_verify)
    search = actions.add_parser("find-limit", help="the smallest limit that is survived")
    search.add_argument("run", type=Path, metavar="RUN")
    search.add_argument("--resolution", default="16MiB", metavar="SIZE", help="%(default)s")
    search.add_argument("--runs", type=int, default=12, metavar="N", help="at most (%(default)s)")
    search.add_argument("--minutes", type=float, default=20.0, metavar="M", help="%(default)s")
    search.add_argument("--repeats", type=int, default=1, metavar="N", help="of the edge (1)")
    search.set_defaults(action=_find)
    count = actions.add_parser("what-if", help="several worker counts under one limit")
    count.add_argument("--scenario", type=Path, default=DEMO, metavar="FILE")
    count.add_argument("--target", metavar="COMMAND", help="else the scenario's command")
    count.add_argument("--workers", default="1,2,3,4", metavar="N,N", help="%(default)s")
    count.add_argument("--limit", required=True, metavar="SIZE")
    count.add_argument("--runs-dir", type=Path, default=Path("runs"), metavar="FOLDER")
    count.add_argument("locust", nargs="*", metavar="OPTION", help="more for Locust, after --")
    count.set_defaults(action=_what_if)
    tracing = actions.add_parser("components", help="who allocated what is held after the load")
    tracing.add_argument("run", type=Path, metavar="RUN")
    tracing.add_argument(
        "--load", type=float, metavar="SECONDS", help="of load (a tenth of the run's, 20 or more)"
    )
    tracing.set_defaults(action=lambda options: components(options.run, options.load, say))
    for one in (proof, search, count):
        one.add_argument("--limit-way", default=AUTO, choices=NAMES, help="how (%(default)s)")
    return command


def say(text: str) -> None:
    """Progress goes to stderr; stdout stays for results."""
    print(text, file=sys.stderr, flush=True)


def _verify(options: argparse.Namespace) -> int:
    run = options.run
    if run is None and options.last is not None:
        found = sorted(path.parent for path in options.last.glob("*/report.json"))
        run = found[-1] if found else None
    if run is None:
        raise UsageError("say which run: make verify RUN=runs/<directory>")
    return verify(run, options.limit, options.limit_way, say)


def _find(options: argparse.Namespace) -> int:
    if options.runs < 2 or options.minutes <= 0 or options.repeats < 0:
        raise UsageError("--runs must be 2 or more, --minutes above 0, --repeats 0 or more")
    settings = Settings(
        size_of(options.resolution),
        options.runs,
        60 * options.minutes,
        options.repeats,
        options.limit_way,
    )
    return find_limit(options.run, settings, say)


def _what_if(options: argparse.Namespace) -> int:
    try:
        counts = tuple(dict.fromkeys(int(part) for part in options.workers.split(",") if part))
    except ValueError:
        counts = ()
    if not counts or min(counts) < 1:
        raise UsageError(f"--workers {options.workers}: expected numbers such as 2,3,4")
    return what_if(
        options.scenario,
        counts,
        size_of(options.limit),
        way=options.limit_way,
        target=options.target,
        runs=options.runs_dir,
        more=options.locust,
        say=say,
    )


if __name__ == "__main__":
    sys.exit(main())
