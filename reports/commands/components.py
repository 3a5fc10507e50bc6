"""`python -m reports components RUN TRACED`: who allocated what, from a traced run, into a run."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from reports.errors import UsageError

DESCRIPTION = """\
TRACED ran the load of RUN with allocations traced (make components does both). Keep what it told in
RUN (components.json), write RUN's report again, and print the table."""


def run(arguments: Sequence[str]) -> int:
    """0. Raises UsageError."""
    parser = argparse.ArgumentParser(
        prog="python -m reports components",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("traced", type=Path, metavar="TRACED")
    options = parser.parse_args(arguments)
    return _keep(options.run, options.traced)


def _keep(path: Path, traced_path: Path) -> int:
    from reports.assemble import assemble
    from reports.commands.report import write_report
    from reports.inside.components import components_of, write_components
    from reports.loading import load
    from reports.render.components import components_table

    now = time.time()
    data, traced = load(path), load(traced_path)
    if not traced.info.traced:
        raise UsageError(f"{traced_path}: nothing was traced there; make components RUN={path}")
    found = components_of(traced, assemble(traced, now)[1], assemble(data, now)[1])
    try:
        write_components(data.directory.components, found)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
    write_report(*assemble(data, now), (path,))
    sys.stdout.write(components_table(found))
    return 0
