"""Where samples and events go: files of a run directory, or nowhere."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from rundir import (
    MEMORY_COLUMNS,
    PROCESS_COLUMNS,
    Column,
    EventLog,
    MemorySample,
    ProcessSample,
    RunClock,
    RunDirectory,
    TableWriter,
)


class Recorder:
    """Appends to a run directory. A disk that refuses is told once and tried again."""

    def __init__(
        self, directory: RunDirectory | None, clock: RunClock, more: tuple[Column, ...] = ()
    ) -> None:
        """Open the files; `more` columns stand behind the samples'. Raises OSError."""
        self.refused: str | None = None
        self.clock = clock
        self._events = EventLog(directory.events, clock) if directory else None
        columns = (*MEMORY_COLUMNS, *more)
        self._memory = TableWriter(directory.memory_samples, columns) if directory else None
        self._processes = (
            TableWriter(directory.process_samples, PROCESS_COLUMNS) if directory else None
        )
        paths = (directory.memory_samples, directory.process_samples) if directory else ()
        tables = (table for table in (self._memory, self._processes) if table)
        self._tables = tuple(zip(tables, paths, strict=True))

    def event(self, name: str, **fields: Any) -> None:
        """Append one event."""
        if self._events is not None:
            try:
                self._events.append(name, **fields)
            except OSError as error:
                self._tell("events.jsonl", error)

    def memory(self, sample: MemorySample) -> None:
        """Append one tick."""
        self._append(self._memory, sample, "memory_samples.csv")

    def process(self, sample: ProcessSample) -> None:
        """Append one process at one slow tick."""
        self._append(self._processes, sample, "process_samples.csv")

    def _append(
        self, table: TableWriter | None, sample: MemorySample | ProcessSample, file: str
    ) -> None:
        if table is not None:
            try:
                table.append(sample)
            except OSError as error:
                self._tell(file, error)

    def _tell(self, file: str, error: OSError) -> None:
        if self.refused is None:
            self.refused = f"{file}: {error.strerror}"
            print(
                f"warning: {self.refused}; samples are kept in memory until there is room",
                file=sys.stderr,
                flush=True,
            )
            if self._events is not None:
                with contextlib.suppress(OSError):
                    self._events.append("disk_refused", file=file, reason=error.strerror)

    def close(self) -> str | None:
        """Flush and close everything; what to tell where the disk did not take all rows."""
        rows, files = 0, []
        for table, path in self._tables:
            try:
                table.close()
            except OSError:
                rows += table.waiting_rows
                files.append((path, table.waiting))
            rows += table.lost_rows
        if self._events is not None:
            self._events.close()
        return (
            f"the disk did not take {rows} rows ({self.refused}); {rescue(files)}" if rows else None
        )


def rescue(files: list[tuple[Path, bytes]]) -> str:
    """Write rows that found no room to the folder for temporary files; say where they are."""
    if not files:
        return "free some space and run again"
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"plimsoll-{files[0][0].parent.name}-"))
        for path, rows in files:
            (folder / path.name).write_bytes(rows)
    except OSError as error:
        return f"nor did {tempfile.gettempdir()} ({error.strerror}); free some space and run again"
    appends = " && ".join(f"cat {folder / path.name} >> {path}" for path, _ in files)
    return f"they are kept in {folder}: free some space, then {appends}"
