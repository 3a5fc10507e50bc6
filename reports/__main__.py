"""`python -m reports RUN_DIR`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from reports.errors import UsageError

DESCRIPTION = """\
Read a run directory and say what it means: how much memory the target needs under this load,
whether it fits its limit, and the smallest plan that holds it. Partial runs (killed at any
moment, files missing) are read too; the report says what it cannot know.

Writes report.json and report.html into RUN_DIR and prints a summary. Nothing else is read, so
the report can be made again later and elsewhere."""
EPILOG = """\
exit codes:
  0  the report is written
  1  the report is written, and its verdict is: fails (target died, or over its limit)
  2  no report: not a run directory, an unknown schema, or it cannot be written

example:
  python -m reports runs/20261120T180400Z-shop"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report and return the exit code: 0, 1 (verdict: fails) or 2 (no report)."""
    parser = argparse.ArgumentParser(
        prog="python -m reports",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run_dir", metavar="RUN_DIR", type=Path, help="runs/<UTC time>-<scenario>")
    options = parser.parse_args(arguments)
    try:
        return _report(options.run_dir)
    except UsageError as error:
        print(f"python -m reports: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def _report(path: Path) -> int:
    # Inside, so that --help and wrong paths do not wait for pandas and Bokeh.
    from reports.assemble import assemble
    from reports.loading import load
    from reports.render import RENDERERS
    from reports.render.console import console_summary
    from rundir.layout import write_whole

    data = load(path)
    run, findings = assemble(data, time.time())
    for renderer in RENDERERS:
        target: Path = getattr(data.directory, renderer.output)
        try:
            write_whole(target, renderer.render(run, findings))
        except OSError as error:
            raise UsageError(
                f"{target}: cannot be written ({error.strerror}); mend that, "
                f"then: python -m reports {path}"
            ) from error
    sys.stdout.write(console_summary(findings, path, data.directory.report_html))
    return 1 if findings.verdict.fit == "fails" else 0


if __name__ == "__main__":
    sys.exit(main())
