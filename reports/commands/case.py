"""`python -m reports case NAME BEFORE AFTER`: did the fix do what its case promises?"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports.errors import UsageError

if TYPE_CHECKING:
    from reports.cases.record import CaseRecord

DESCRIPTION = """\
Compare a run before a fix with a run after it, say whether the fix did what the case promises, and
write the case's page with its figures beside it (make case-NAME does the runs, too)."""
EPILOG = """\
exit codes:
  0  the run after is better as the case promises
  1  it is not
  2  not compared: no such case, not a run directory

examples:
  python -m reports case strategies runs/20261120T180400Z-a runs/20261120T180600Z-b
  python -m reports case --again        (all pages anew from the figures beside them)"""


def run(arguments: Sequence[str]) -> int:
    """Write the page; returns 0 or 1. Raises UsageError."""
    parser = argparse.ArgumentParser(
        prog="python -m reports case",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("before", nargs="?", type=Path, metavar="BEFORE", help="run directory")
    parser.add_argument("after", nargs="?", type=Path, metavar="AFTER", help="run directory")
    parser.add_argument(
        "--output", type=Path, default=Path("docs") / "cases", metavar="FOLDER", help="%(default)s"
    )
    parser.add_argument("--again", action="store_true", help="write all pages anew")
    options = parser.parse_args(arguments)
    if options.again:
        return _again(options.output)
    if options.after is None:
        raise UsageError("say which: python -m reports case NAME BEFORE AFTER")
    return _judge(options)


def _again(folder: Path) -> int:
    from reports.cases.pages import CasePages, write_pages

    write_pages(CasePages(folder))
    return 0


def _judge(options: argparse.Namespace) -> int:
    from reports.cases.definition import definition
    from reports.cases.judging import judge_case
    from reports.cases.pages import CasePages, write_record

    case = definition(options.name)
    record = judge_case(options.name, case, options.before, options.after, time.time())
    pages = CasePages(options.output)
    write_record(pages, record)
    sys.stdout.write(_told(record))
    sys.stdout.write(f"page    {pages.page(options.name)}\n")
    return 0 if record.shown else 1


def _told(record: CaseRecord) -> str:
    from reports.render.case import mark
    from reports.render.gates import printable

    lines = ["", printable(record.sentence), ""]
    lines += [
        f"{mark(check.kept):<8} {check.promise}: {printable(check.found)}"
        for check in record.checks
    ]
    return "\n".join((*lines, "")) + "\n"
