"""The folder of a measured start -> what each process imported, the largest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from reports.errors import UsageError
from reports.imports.costs import process_imports
from reports.imports.findings import ProcessImports
from reports.imports.times import import_times
from rundir import ImportFiles

PROBE = "plimsoll:"
"""What lines of our own in the service's output begin with."""


def read_imports(path: Path) -> tuple[ProcessImports, ...]:
    """Raises UsageError where there is nothing of that kind."""
    folder = ImportFiles(path)
    files = folder.costs if path.is_dir() else []
    if not files:
        raise UsageError(
            f"{path}: no folder of a measured start (no imports-*.jsonl in it); make imports makes"
            " one"
        )
    idle = _idle(folder.idle)
    read = [
        process_imports(_lines(file), import_times(_lines(folder.times_of(file))), idle)
        for file in files
    ]
    found = [one for one in read if one is not None]
    if not found:
        raise UsageError(
            f"{path}: no process told there what it is; its last words: {_last_words(folder)}"
        )
    return tuple(sorted(found, key=lambda one: -one.imported_bytes))


def _last_words(folder: ImportFiles) -> str:
    """The probe's own before the service's: it says why it told nothing."""
    words = folder.words() or ["none"]
    return next((line for line in words if line.startswith(PROBE)), words[-1])


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _idle(file: Path) -> Mapping[int, int]:
    """Resident bytes by pid; empty where the service never answered."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))["processes"]
        return {int(row["pid"]): int(row["rss_bytes"]) for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
