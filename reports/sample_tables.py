"""A sample table -> data frame, block by block: a day at ten ticks a second is 864,000 rows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

import pandas as pd

from rundir import Column

TEXT_COLUMNS = ("phase", "role", "name")
BLOCK_ROWS = 50_000


def read_table(path: Path, columns: tuple[Column, ...], caveats: list[str]) -> pd.DataFrame:
    """The whole rows in order of time; text columns as categories, others as floats, NaN unknown.

    What is missing or torn is told in `caveats`.
    """
    names = [column.name for column in columns]
    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
            return _read(stream, path.name, names, caveats)
    except FileNotFoundError:
        caveats.append(f"{path.name} is missing.")
    except OSError as error:
        caveats.append(f"{path.name} cannot be read ({error.strerror}).")
    return _joined([], names)


def _read(stream: TextIO, file: str, names: list[str], caveats: list[str]) -> pd.DataFrame:
    header = stream.readline()
    if not header.endswith("\n"):
        caveats.append(f"{file} has no header: no row of it can be read.")
        return _joined([], names)
    header = header.rstrip("\n")
    written = header.split(",")
    absent = [name for name in names if name not in written]
    # New columns are put at the end: a header that only stops early is an older writer's.
    if absent and written != names[: len(written)]:
        caveats.append(f"{file}: column(s) {', '.join(absent)} are missing.")
    blocks, torn = [], 0
    for rows in _blocks(stream):
        block = _block(header, rows, names)
        blocks.append(block)
        torn += sum(row != "\n" for row in rows) - len(block)
    if torn:
        caveats.append(f"{file}: {torn} torn line(s) left out.")
    return _joined(blocks, names)


def _blocks(stream: TextIO) -> Iterator[list[str]]:
    while rows := list(islice(stream, BLOCK_ROWS)):
        yield rows


def _block(header: str, rows: list[str], names: list[str]) -> pd.DataFrame:
    """The rows that are whole: all commas, even quotes, a newline, and a time."""
    commas = header.count(",")
    whole = [
        row
        for row in rows
        if row.count(",") >= commas
        and row.endswith("\n")
        and "\0" not in row
        and row.count('"') % 2 == 0
    ]
    frame = pd.read_csv(
        io.StringIO("".join([header + "\n", *whole])),
        on_bad_lines="skip",
        dtype=dict.fromkeys(TEXT_COLUMNS, str),
        index_col=False,
        low_memory=False,
    ).reindex(columns=names)
    for name in names:
        if name in TEXT_COLUMNS:
            text = frame[name].fillna("").astype(str)
            # The writer's mark before what a spreadsheet would run as a formula.
            plain = text.str.replace(r"^'(?=[=+\-@])", "", regex=True)
            frame[name] = plain.astype("category")
        else:
            frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
    return frame.dropna(subset=["time"])


def _joined(blocks: list[pd.DataFrame], names: list[str]) -> pd.DataFrame:
    frame = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=names)
    for name in names:
        if name in TEXT_COLUMNS:
            frame[name] = frame[name].astype("category")
        else:
            frame[name] = frame[name].astype(float)
    if not frame["time"].is_monotonic_increasing:
        frame = frame.sort_values("time", kind="stable").reset_index(drop=True)
    return frame
