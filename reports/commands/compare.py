"""`python -m reports compare BASE NEW`: better, worse, or no difference shown."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from reports.errors import UsageError

DESCRIPTION = """\
Compare two runs, figure by figure: idle memory, memory under load, peak, what stays after the load,
memory per user, leak rate, response times, failures. Each difference has a 95 % interval, and a
word: better, worse, or no difference shown. Nine of ten times two equal runs show no difference.

A side is a run directory, several of them joined by commas (then their own spread is used), or a
baseline file (python -m reports baseline)."""
EPILOG = """\
Writes compare.html, compare.json and compare.md into the newest run directory of NEW, or --output.

exit codes:
  0  compared; with --fail-if-worse: and no figure is worse
  1  --fail-if-worse, and a figure is worse
  2  not compared: not a run directory, not a baseline

examples:
  python -m reports compare runs/20261120T180400Z-shop runs/20261121T090000Z-shop
  python -m reports compare runs/a1,runs/a2,runs/a3 runs/b1,runs/b2,runs/b3
  python -m reports compare --fail-if-worse plimsoll-baseline.json runs/20261121T090000Z-shop"""


def run(arguments: Sequence[str]) -> int:
    """Write the comparison; returns 0 or 1. Raises UsageError."""
    parser = argparse.ArgumentParser(
        prog="python -m reports compare",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("base", metavar="BASE", help="before: RUN_DIR[,RUN_DIR...] or a baseline")
    parser.add_argument("new", metavar="NEW", help="after: the same")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="where the three files go"
    )
    parser.add_argument(
        "--fail-if-worse", action="store_true", help="exit code 1 when any figure is worse"
    )
    options = parser.parse_args(arguments)
    return _compare(options)


def _compare(options: argparse.Namespace) -> int:
    from reports.comparing.comparison import compare
    from reports.comparing.difference import WORSE
    from reports.comparing.side import side_of
    from reports.render.compare import COMPARE_RENDERERS, comparison_text
    from rundir.layout import write_whole

    base, new = side_of(_paths(options.base)), side_of(_paths(options.new))
    comparison = compare(base.runs, new.runs)
    folder = options.output or (new.newest.data.directory.path if new.newest else Path())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, render in COMPARE_RENDERERS:
            write_whole(folder / name, render(comparison, base, new, time.time()))
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written ({error.strerror}); give another with --output"
        ) from None
    sys.stdout.write(comparison_text(comparison, base, new))
    sys.stdout.write(f"report  {folder / COMPARE_RENDERERS[0][0]}\n")
    worse = any(one.word == WORSE for one in comparison.differences)
    return 1 if options.fail_if_worse and worse else 0


def _paths(text: str) -> list[Path]:
    return [Path(part) for part in text.split(",") if part]
