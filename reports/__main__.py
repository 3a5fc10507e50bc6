"""`python -m reports`: the report of a run, or one of the commands beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from reports import one_blas_thread  # noqa: F401 - before anything that imports numpy
from reports.commands import (
    baseline,
    case,
    compare,
    components,
    imports,
    jobs,
    live_page,
    prove,
    report,
    suspicious,
)
from reports.errors import UsageError

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "compare": compare.run,
    "baseline": baseline.run,
    "jobs": jobs.run,
    "live-page": live_page.run,
    "prove": prove.run,
    "components": components.run,
    "suspicious": suspicious.run,
    "imports": imports.run,
    "case": case.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, 1 (a gate is not kept, a comparison worse, a job leaks) or 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = COMMANDS.get(words[0]) if words else None
    try:
        return command(words[1:]) if command else report.run(words)
    except UsageError as error:
        print(f"python -m reports: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
