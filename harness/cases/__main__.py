"""`python -m harness.cases NAME`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.cases.showing import Places, show_case
from harness.cases.sides import Shorter, refuse_foreign_switches
from harness.exit_code import exit_code
from harness.proving.replay import ROOT
from scenarios.cases.loading import case_names, load_case
from scenarios.errors import UsageError

PAGES = ROOT / "docs" / "cases"
DESCRIPTION = """\
Run a case before and after its fix, compare both runs, and write its page in docs/cases/.
Both run directories are kept. Takes less than five minutes."""
EPILOG = """\
exit codes:
  0  the run after the fix is better as the case promises
  1  it is not: the page says in what
  2  not run: no such case, a run that does not begin, an environment that sets switches"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0, 1 or 2 as above."""
    options = parser().parse_args(arguments)
    return exit_code(lambda: _show(options), "interrupted; the runs so far are kept")


def _show(options: argparse.Namespace) -> int:
    shorter = Shorter(options.baseline, options.load, options.cooldown, options.users)
    refuse_foreign_switches(os.environ)
    _refuse_other_figures(shorter, options.output)
    case = load_case(options.name)
    return show_case(options.name, case, Places(options.runs, options.output), shorter, say)


def _refuse_other_figures(shorter: Shorter, output: Path) -> None:
    """The shipped pages tell how long, and with how many users, each side ran."""
    if shorter != Shorter() and output.resolve() == PAGES:
        raise UsageError(
            "the page in docs/cases/ is that of the whole case: with --baseline, --load, --cooldown"
            " or --users give --output, another folder for the page"
        )


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(
        prog="python -m harness.cases",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("name", metavar="NAME", help=", ".join(case_names()))
    command.add_argument(
        "--runs-dir", dest="runs", type=Path, default=Path("runs"), metavar="FOLDER"
    )
    command.add_argument("--output", type=Path, default=PAGES, metavar="FOLDER", help="the page's")
    for name in ("baseline", "load", "cooldown"):
        command.add_argument(f"--{name}", type=float, metavar="SECONDS", help="of both sides")
    command.add_argument("--users", type=int, metavar="N", help="of both sides")
    return command


def say(text: str) -> None:
    """Progress goes to stderr; stdout stays for results."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
