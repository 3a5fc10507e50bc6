"""Append rows to a CSV so that a kill at any moment costs at most the row in flight."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from pathlib import Path
from types import TracebackType

from rundir.columns import INSIDE_COLUMNS, Column
from rundir.records import MemorySample, ProcessSample

# A spreadsheet runs a cell that begins with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}"
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return str(value)


@cache
def _values_of(columns: tuple[Column, ...]) -> Callable[[object], tuple[object, ...]]:
    return attrgetter(*(column.name for column in columns if column not in INSIDE_COLUMNS))


@cache
def _inside_names(columns: tuple[Column, ...]) -> tuple[str, ...]:
    return tuple(column.name for column in columns if column in INSIDE_COLUMNS)


def to_row(record: MemorySample | ProcessSample, columns: tuple[Column, ...]) -> bytes:
    """One CSV line, newline included; text that a spreadsheet would run is quoted with `'`."""
    line = io.StringIO()
    values = _values_of(columns)(record)
    inside = _inside_names(columns)
    if inside and isinstance(record, MemorySample):
        # Sources put theirs behind the columns that every run has.
        values = (*values, *map(record.inside.get, inside))
    csv.writer(line, lineterminator="\n").writerow(map(_cell, values))
    return line.getvalue().encode("utf-8")


def columns_of(path: Path, known: tuple[Column, ...]) -> tuple[str, ...]:
    """Names in the header of a table that are among `known`; empty without a whole header.

    Raises FileNotFoundError where there is no such file.
    """
    with path.open(encoding="utf-8", errors="replace") as stream:
        header = stream.readline()
    names = {column.name for column in known}
    return tuple(name for name in header.rstrip("\n").split(",") if name in names)


class TableWriter:
    """Appends whole lines with one write each to `path`.

    The header is written where the file is new or empty, and a torn last line (of a writer that
    was killed) is closed with a newline first, so that only that line is lost. Rows that the disk
    refuses (ENOSPC) are kept in memory, up to `keep_rows`, and written before the next ones.
    """

    def __init__(self, path: Path, columns: tuple[Column, ...], keep_rows: int = 100_000) -> None:
        self._columns = columns
        self._keep_rows = keep_rows
        self._waiting = b""
        self._waiting_rows = 0
        self.lost_rows = 0
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        size = os.fstat(self._fd).st_size
        if size == 0:
            self._waiting = (",".join(column.name for column in columns) + "\n").encode()
        elif os.pread(self._fd, 1, size - 1) != b"\n":
            self._waiting = b"\n"

    @property
    def waiting_rows(self) -> int:
        """Rows that the disk has not taken yet."""
        return self._waiting_rows

    @property
    def waiting(self) -> bytes:
        """The CSV lines of those rows, as they would have been appended."""
        return self._waiting

    def append(self, record: MemorySample | ProcessSample) -> None:
        """Write the record. Raises OSError when the disk refuses; the row is kept for later."""
        if self._waiting_rows >= self._keep_rows:
            self.lost_rows += 1
        else:
            self._waiting += to_row(record, self._columns)
            self._waiting_rows += 1
        self.flush()

    def flush(self) -> None:
        """Try to write what is waiting. Raises OSError when the disk refuses again."""
        while self._waiting:
            written = os.write(self._fd, self._waiting)
            self._waiting = self._waiting[written:]
        self._waiting_rows = 0

    def close(self) -> None:
        """Flush and close. Raises OSError when rows remain that the disk does not take."""
        try:
            self.flush()
        finally:
            os.close(self._fd)

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
