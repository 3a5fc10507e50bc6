"""Several targets -> one: their sums on the ticks of the run's clock.

Machines tick at different moments. At a tick each target counts with its last sample, for at most
CARRIED_INTERVALS; where one is older, the sum is unknown. The peak at a tick is the sum of the
targets' exact peaks since the tick before: an upper end, since they need not have come together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rundir import MEMORY_COLUMNS, Event
from rundir.layout import write_lines

CARRIED_INTERVALS = 2.0
SUMMED = (
    "processes", "rss", "pss", "uss", "swap", "cgroup_usage", "working_set", "limit", "threads",
    "fds", "connections", "peak", "cgroup_peak", "cgroup_anon", "cgroup_file", "cgroup_shmem",
    "cgroup_kernel", "cgroup_swap", "refaults", "major_faults", "pss_file",
)  # fmt: skip
HIGHEST = ("users", "pss_age", "late")
SECONDS = ("time", "elapsed", "late", "pss_age")
TOGETHER_SECONDS = 5.0
BLOCK_ROWS = 20_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """The ticks of the sum: epoch seconds, and the seconds between two."""

    ticks: Floats
    interval_seconds: float


def sum_tables(
    tables: Sequence[Path], phases: Sequence[Event], to: Path, origin: float, most: int | None
) -> None:
    """Write the sum of the memory tables. `most` (bytes): the hosts' memory, which caps the limit.

    `origin` (epoch s) is second 0 of `elapsed`.
    """
    times = [_times(table) for table in tables]
    measured = [table for table, known in zip(tables, times, strict=True) if len(known)]
    if not measured:
        return
    grid = _grid([known for known in times if len(known)])
    columns: dict[str, Floats] = {}
    # One after the other: a day of each of many would not fit into memory side by side.
    for table in measured:
        _add(columns, _on(grid, _read(table)))
    if len(measured) < len(tables):
        columns = {n: v if n in HIGHEST else np.full_like(v, np.nan) for n, v in columns.items()}
    if most is not None:
        columns["limit"] = np.minimum(columns["limit"], float(most))
    columns |= {"time": grid.ticks, "elapsed": grid.ticks - origin}
    write_lines(to, _lines(columns, _phase_names(grid.ticks, phases)))


def _add(columns: dict[str, Floats], more: dict[str, Floats]) -> None:
    for name, values in more.items():
        if name not in columns:
            columns[name] = values
        elif name in HIGHEST:
            columns[name] = np.fmax(columns[name], values)
        else:
            columns[name] += values


def _times(table: Path) -> Floats:
    """In order; empty without a table."""
    if not table.is_file():
        return np.empty(0)
    frame = pd.read_csv(table, on_bad_lines="skip", usecols=["time"])
    times = pd.to_numeric(frame["time"], errors="coerce").dropna().to_numpy(dtype=np.float64)
    return np.sort(times)


def _read(table: Path) -> pd.DataFrame:
    """The columns that are summed, in order of time; unknown is NaN."""
    names = ["time", *SUMMED, *HIGHEST]
    frame = pd.read_csv(table, on_bad_lines="skip", usecols=lambda name: name in names)
    frame = frame.reindex(columns=names).apply(pd.to_numeric, errors="coerce")
    ordered: pd.DataFrame = frame.dropna(subset=["time"]).sort_values("time", kind="stable")
    return ordered


def _grid(times: Sequence[Floats]) -> Grid:
    steps = [float(np.median(np.diff(known))) for known in times if len(known) > 1]
    interval = round(max(steps, default=1.0), 3) or 0.1
    firsts, lasts = [float(known[0]) for known in times], [float(known[-1]) for known in times]
    # They begin and end one after the other: before and after, the sum is not unknown but not yet.
    start = max(firsts) if max(firsts) - min(firsts) < TOGETHER_SECONDS else min(firsts)
    end = min(lasts) if max(lasts) - min(lasts) < TOGETHER_SECONDS else max(lasts)
    return Grid(np.arange(start, end + interval / 2, interval), interval)


def _on(grid: Grid, frame: pd.DataFrame) -> dict[str, Floats]:
    """One target's columns at the ticks; NaN where its last sample is too old."""
    times = frame["time"].to_numpy(dtype=np.float64)
    last = np.searchsorted(times, grid.ticks, side="right") - 1
    age = grid.ticks - times[np.maximum(last, 0)]
    # A thousandth more: times are written with six digits, and their difference is not exact.
    fresh = (last >= 0) & (age <= 1.001 * CARRIED_INTERVALS * grid.interval_seconds)
    found: dict[str, Floats] = {}
    for name in (*SUMMED, *HIGHEST):
        values = frame[name].to_numpy(dtype=np.float64)
        found[name] = np.where(fresh, values[np.maximum(last, 0)], np.nan)
    found["peak"] = _peaks(grid, times, frame, found)
    return found


def _peaks(grid: Grid, times: Floats, frame: pd.DataFrame, found: dict[str, Floats]) -> Floats:
    """The highest since the tick before; without a sample in between, what is carried."""
    windows = np.searchsorted(grid.ticks, times, side="left")
    highest = pd.Series(frame["peak"].to_numpy()).groupby(windows).max()
    peaks = highest.reindex(range(len(grid.ticks))).to_numpy(dtype=np.float64)
    used = np.where(np.isnan(found["working_set"]), found["pss"], found["working_set"])
    used = np.where(np.isnan(used), found["rss"], used)
    return np.where(np.isnan(peaks) & frame["peak"].notna().any(), used, peaks)


def _phase_names(ticks: Floats, phases: Sequence[Event]) -> list[str]:
    """Of the phase that had begun last."""
    started = sorted((e for e in phases if e.name == "phase_started"), key=lambda e: e.time)
    names = ["unphased", *(str(event.fields.get("phase")) for event in started)]
    index = np.searchsorted(np.array([event.time for event in started]), ticks, side="right")
    return [names[one] for one in index]


def _lines(columns: dict[str, Floats], phases: list[str]) -> Iterator[str]:
    """The header and one line a tick; columns that no sum is made of stay empty."""
    order = [column.name for column in MEMORY_COLUMNS]
    yield ",".join(order)
    for start in range(0, len(phases), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        cells = [_cells(name, columns, phases, block) for name in order]
        yield from map(",".join, zip(*cells, strict=True))


def _cells(name: str, columns: dict[str, Floats], phases: list[str], block: slice) -> list[str]:
    if name == "phase":
        return [phase.replace(",", " ") for phase in phases[block]]
    if name not in columns:
        return [""] * len(phases[block])
    form = "{:.6f}" if name in SECONDS else "{:.0f}"
    return ["" if np.isnan(value) else form.format(value) for value in columns[name][block]]
