"""`python -m harness.pulling RUN_DIR`: read what remote sidecars still have, then report."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from harness.pulling.all_of_them import pull_all
from harness.pulling.puller import PATIENCE_SECONDS
from harness.report_process import write_report
from harness.sidecars.addresses import access_from
from rundir import RunDirectory
from scenarios.errors import UsageError

DESCRIPTION = """\
Read from the sidecars of a run what is not in its run directory yet, check it, set its clock and
write the report again. The token is read from PLIMSOLL_SIDECAR_TOKEN, a private certificate
authority from PLIMSOLL_SIDECAR_CA. Exit code 3: a sidecar did not answer, and its samples are
still there; 2: bad input; else that of the report."""

INCOMPLETE = 3


def main() -> int:
    """Exit code 2: bad input; 3: not everything could be read; else the report's."""
    parser = argparse.ArgumentParser(prog="python -m harness.pulling", description=DESCRIPTION)
    parser.add_argument("run_dir", type=Path, metavar="RUN_DIR")
    parser.add_argument(
        "--end-run", action="store_true", help="end it there first: its load generator is gone"
    )
    parser.add_argument("--no-report", action="store_true", help="do not write the report again")
    parser.add_argument(
        "--within",
        type=float,
        default=PATIENCE_SECONDS,
        metavar="SECONDS",
        help=f"wait so long for a sidecar that does not answer ({PATIENCE_SECONDS:g})",
    )
    options = parser.parse_args()
    try:
        code = _pull(options)
    except UsageError as error:
        _say(f"error: {error}")
        return error.exit_code
    return code if options.no_report or code else write_report(options.run_dir)


def _pull(options: argparse.Namespace) -> int:
    directory = RunDirectory(options.run_dir.resolve())
    try:
        record = directory.read_run_json()
    except (OSError, ValueError):
        raise UsageError(f"{options.run_dir}: no run directory with a run.json") from None
    left = pull_all(
        directory,
        record,
        access_from(os.environ, None),
        say=_say,
        end_run=options.end_run,
        patience_seconds=options.within,
    )
    for one in left:
        _say(
            f"warning: {one.name}: {one.reason}; its samples are kept there, to read them: "
            f"python -m harness.pulling {options.run_dir}"
        )
    return INCOMPLETE if left else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
