"""`python -m reports baseline RUN_DIR...`: figures in a small file, to keep in a repository."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.errors import UsageError

DESCRIPTION = """\
Write the figures of one or more runs of a scenario, with their intervals, into a small JSON file.
Kept in your repository, it is what later runs are compared with:

  python -m reports compare plimsoll-baseline.json runs/<new run>
  [gates] baseline = "plimsoll-baseline.json"  regression_percent = 10     (in the scenario)

Three runs or more measure how much equal runs differ; with one, that is assumed."""


def run(arguments: Sequence[str]) -> int:
    """Write the file; returns 0. Raises UsageError."""
    parser = argparse.ArgumentParser(
        prog="python -m reports baseline",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run_dirs", metavar="RUN_DIR", nargs="+", type=Path)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        default=Path("plimsoll-baseline.json"),
        help="where it goes (%(default)s); an older one is replaced",
    )
    options = parser.parse_args(arguments)
    return _write(options.run_dirs, options.output)


def _write(paths: list[Path], output: Path) -> int:
    from reports.comparing.baseline_file import baseline_text
    from reports.comparing.side import side_of
    from rundir.layout import write_whole

    side = side_of(paths)
    scenarios = sorted({figures.scenario or "unknown" for figures in side.runs})
    if len(scenarios) > 1:
        raise UsageError(
            f"the runs are of different scenarios ({', '.join(scenarios)}): a baseline is of one"
        )
    try:
        write_whole(output, baseline_text(side.runs))
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror})") from None
    sys.stdout.write(f"baseline  {output}: {len(side.runs)} run(s) of {scenarios[0]}\n")
    return 0
