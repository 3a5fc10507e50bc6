"""`python -m reports RUN_DIR...`: findings, gates and the exit code of one run, or of several."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports.errors import UsageError
from reports.settings import THRESHOLDS, Settings, settings_of

if TYPE_CHECKING:
    from reports.aligning import AlignedRun
    from reports.findings import Findings

DESCRIPTION = """\
Read a run directory and say what it means: how much memory the target needs under this load,
whether it fits its limit, and the smallest plan that holds it. Partial runs (killed at any
moment, files missing) are read too; the report says what it cannot know.

Writes report.html, report.json, junit.xml and summary.md into RUN_DIR and prints a summary. Only
RUN_DIR is read (and the baseline that a gate names), so the report can be made again later and
elsewhere. Several RUN_DIRs of one scenario are merged into one verdict, which says whether they
agree; its report goes into the newest of them.

other commands: python -m reports compare --help    two runs, side by side
                python -m reports baseline --help   a run's figures in a small file, to compare
                                                    later runs with"""
EPILOG = """\
exit codes:
  0  the report is written, and every gate was kept
  1  the report is written, and a gate was not kept, or could not be judged. One gate is always
     there: the verdict must not be 'fails' (target died, over its limit, or a leak reaches the
     limit within --restart-hours). More are set by [gates] in the scenario or --gates
  2  no report: not a run directory, an unknown schema, or it cannot be written

examples:
  python -m reports runs/20261120T180400Z-shop
  python -m reports runs/20261120T180400Z-shop runs/20261120T181000Z-shop
  python -m reports --gates ci.toml runs/20261120T180400Z-shop
  python -m reports --users 60 --restart-hours 168 --growth-warning-bytes 80MiB runs/..."""


def run(arguments: Sequence[str]) -> int:
    """Write the report; returns 0 or 1. Raises UsageError where there is no report."""
    parser = argparse.ArgumentParser(
        prog="python -m reports",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _declare(parser)
    options = parser.parse_args(arguments)
    return _report(options.run_dirs, settings_of(options))


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run_dirs",
        metavar="RUN_DIR",
        nargs="+",
        type=Path,
        help="runs/<UTC time>-<scenario>; several of one scenario are repeated runs",
    )
    wish = parser.add_argument_group("what the size is for")
    wish.add_argument("--users", type=int, metavar="N", help="size for N users (as measured)")
    wish.add_argument(
        "--restart-hours",
        type=float,
        default=24.0,
        metavar="H",
        help="hours without a restart that a leak must not fill (24)",
    )
    parser.add_argument(
        "--gates",
        type=Path,
        metavar="FILE",
        help="TOML with a [gates] table; its keys stand before the scenario's (docs/gates.md)",
    )
    lines = parser.add_argument_group("thresholds (else the scenario's [thresholds], else these)")
    for name, default, what in THRESHOLDS:
        lines.add_argument(
            "--" + name.replace("_", "-"),
            dest=name,
            metavar="SIZE" if name.endswith("_bytes") else "SHARE",
            help=f"{what} ({default})",
        )


def _report(paths: list[Path], settings: Settings) -> int:
    # Inside, so that --help and wrong paths do not wait for pandas and Bokeh.
    from reports.assemble import assemble
    from reports.loading import load
    from reports.render.console import console_summary
    from reports.repeated import assemble_repeated

    now = time.time()
    if len(paths) == 1:
        run, findings = assemble(load(paths[0]), now, settings)
    else:
        run, findings = assemble_repeated([load(path) for path in paths], now, settings)
    write_report(run, findings, paths)
    directory = run.data.directory
    sys.stdout.write(console_summary(findings, directory.path, directory.report_html))
    return 0 if all(gate.passed for gate in findings.gates) else 1


def write_report(run: AlignedRun, findings: Findings, paths: Sequence[Path]) -> None:
    """Every renderer's file into the run directory. Raises UsageError that names `paths`."""
    from reports.render import RENDERERS
    from rundir.layout import write_whole

    for renderer in RENDERERS:
        target: Path = getattr(run.data.directory, renderer.output)
        try:
            write_whole(target, renderer.render(run, findings))
        except OSError as error:
            raise UsageError(
                f"{target}: cannot be written ({error.strerror}); mend that, "
                f"then: python -m reports {' '.join(map(str, paths))}"
            ) from error
