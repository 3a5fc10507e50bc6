"""File names of a run directory, and how one is made."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1
RUN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
TARGET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}")
HEAP_SNAPSHOT = re.compile(r"heap-[a-z0-9-]{1,60}-\d{1,10}\.heapsnapshot")


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """One run's folder; every file name of it is a property here and nowhere else."""

    path: Path

    @property
    def run_json(self) -> Path:
        return self.path / "run.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def memory_samples(self) -> Path:
        return self.path / "memory_samples.csv"

    @property
    def process_samples(self) -> Path:
        return self.path / "process_samples.csv"

    @property
    def locust_prefix(self) -> Path:
        """Base path that Locust's own CSV writer completes with `_stats.csv` and so on."""
        return self.path / "locust"

    @property
    def locust_stats_csv(self) -> Path:
        return self.path / "locust_stats.csv"

    @property
    def locust_history_csv(self) -> Path:
        return self.path / "locust_stats_history.csv"

    @property
    def locust_failures_csv(self) -> Path:
        return self.path / "locust_failures.csv"

    @property
    def locust_exceptions_csv(self) -> Path:
        return self.path / "locust_exceptions.csv"

    @property
    def locust_stats_json(self) -> Path:
        return self.path / "locust_stats.json"

    @property
    def target_log(self) -> Path:
        return self.path / "target.log"

    @property
    def report_json(self) -> Path:
        return self.path / "report.json"

    @property
    def report_html(self) -> Path:
        return self.path / "report.html"

    @property
    def components(self) -> Path:
        return self.path / "components.json"

    def heap_snapshot(self, moment: str, pid: int) -> Path:
        """One process's heap at a moment between two phases; opens in Chrome's DevTools."""
        return self.path / f"heap-{moment}-{pid}.heapsnapshot"

    @property
    def heap_snapshots(self) -> list[Path]:
        """Those that are there."""
        return sorted(self.path.glob("heap-*.heapsnapshot"))

    @property
    def sidecar_files(self) -> list[Path]:
        """What a sidecar wrote and is there: its tables, its events, heap snapshots."""
        written = (self.memory_samples, self.process_samples, self.events)
        return [*(path for path in written if path.is_file()), *self.heap_snapshots]

    def sidecar_file(self, name: str) -> Path | None:
        """The file of that name where a sidecar writes such a file; None for any other name."""
        written = (self.memory_samples, self.process_samples, self.events)
        if HEAP_SNAPSHOT.fullmatch(name):
            return self.path / name
        return next((path for path in written if path.name == name), None)

    def target(self, name: str) -> RunDirectory:
        """What was measured of one of several targets: the tables and events of a run."""
        return RunDirectory(self.path / "targets" / name)

    @property
    def target_names(self) -> list[str]:
        """Of the several targets that there are; empty for a run of one."""
        return sorted(path.name for path in (self.path / "targets").glob("*") if path.is_dir())

    def pulled(self, name: str) -> RunDirectory:
        """Files of a remote sidecar as they come, in its clock; gone once they are brought in."""
        return RunDirectory(self.path / "pulled" / name)

    @property
    def has_pulled(self) -> bool:
        """Whether samples of a remote sidecar wait to be brought in."""
        return (self.path / "pulled").is_dir()

    @property
    def proofs(self) -> Path:
        return self.path / "proofs.json"

    @property
    def limit_curve(self) -> Path:
        return self.path / "limit_curve.json"

    @property
    def case_json(self) -> Path:
        return self.path / "case.json"

    @property
    def junit_xml(self) -> Path:
        return self.path / "junit.xml"

    @property
    def summary_md(self) -> Path:
        return self.path / "summary.md"

    def read_run_json(self) -> dict[str, Any]:
        """The content of run.json. Raises FileNotFoundError or ValueError (torn, not an object)."""
        content = json.loads(self.run_json.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"{self.run_json}: expected a JSON object")
        return content

    def write_run_json(self, content: dict[str, Any]) -> None:
        """Replace run.json as a whole: a reader sees the old or the new text, never half of one."""
        write_whole(self.run_json, json.dumps(content, indent=2) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write `text` beside `path`, flush it to the disk, then rename it over `path`."""
    _replace(path, (text,))


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """The same for lines without their ends, of which not all need to be there at once."""
    _replace(path, (f"{line}\n" for line in lines))


def _replace(path: Path, pieces: Iterable[str]) -> None:
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def create_run_directory(root: Path, scenario: str, now: datetime | None = None) -> RunDirectory:
    """Make `root/<UTC time>-<scenario>/`; a second run in the same second gets `-2` and so on.

    Raises OSError where the folder cannot be made or written to.
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", scenario).strip("-.") or "run"
    root.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        path = root / f"{stamp}-{safe}{suffix}"
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
            continue
        return RunDirectory(path)


def remove_unused(directory: RunDirectory) -> None:
    """Remove one in which no run began and the target said nothing; any other is left alone."""
    log = directory.target_log
    if directory.run_json.exists() or (log.exists() and log.stat().st_size):
        return
    log.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        directory.path.rmdir()
