"""`python -m reports imports FOLDER`: what each import of a started service costs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.errors import UsageError

DESCRIPTION = """\
FOLDER is what make imports made: it started a service once and measured each of its imports. Print
the largest, and keep all of them in FOLDER (imports.json)."""


def run(arguments: Sequence[str]) -> int:
    """0. Raises UsageError."""
    parser = argparse.ArgumentParser(
        prog="python -m reports imports",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="JSON instead of the table")
    options = parser.parse_args(arguments)
    return _tell(options.folder, options.json)


def _tell(folder: Path, as_json: bool) -> int:
    from reports.imports.reading import read_imports
    from reports.render.imports import imports_json, imports_table
    from rundir import ImportFiles
    from rundir.layout import write_whole

    found = read_imports(folder)
    text, table = imports_json(found), ImportFiles(folder).table
    try:
        write_whole(table, text)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written ({error.strerror})") from None
    sys.stdout.write(text if as_json else f"{imports_table(found)}\nall     {table}\n")
    return 0
