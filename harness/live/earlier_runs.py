"""Runs that lie in the runs folder, newest first, with what their reports say."""

from __future__ import annotations

import contextlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from rundir import RunDirectory

MOST_RUNS = 30
SHOWN = (".html", ".json", ".jsonl", ".csv", ".xml", ".md", ".log")
"""What a run directory holds; nothing else of it is served."""


def earlier_runs(folder: Path) -> list[dict[str, Any]]:
    """Name, verdicts and sentence; None where a run has no report (yet)."""
    try:
        found = [path for path in folder.iterdir() if RunDirectory(path).run_json.is_file()]
    except OSError:
        return []
    found.sort(key=lambda path: path.name, reverse=True)
    return [_told(RunDirectory(path)) for path in found[:MOST_RUNS]]


def _told(directory: RunDirectory) -> dict[str, Any]:
    told: dict[str, Any] = {"name": directory.path.name, "fit": None, "memory": None}
    told |= {"sentence": None, "has_report": directory.report_html.is_file()}
    with contextlib.suppress(OSError):
        told |= _verdict(directory.report_json, directory.report_json.stat().st_mtime_ns)
    return told


@lru_cache(maxsize=2 * MOST_RUNS)
def _verdict(report: Path, _written: int) -> dict[str, str]:
    """Read once for each time that it was written: the page asks every second."""
    try:
        verdict = json.loads(report.read_text(encoding="utf-8"))["verdict"]
        return {key: str(verdict[key]) for key in ("fit", "memory", "sentence")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def file_of_run(folder: Path, name: str, file: str) -> Path | None:
    """The file, where it is one of a run directory right below `folder`; else None."""
    path = folder / name / file
    if Path(name).name != name or Path(file).name != file or path.suffix not in SHOWN:
        return None
    try:
        inside = path.resolve().parent.parent == folder.resolve()
    except OSError:
        return None
    is_run = RunDirectory(path.parent).run_json.is_file()
    return path if inside and is_run and path.is_file() else None
