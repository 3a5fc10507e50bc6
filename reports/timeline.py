"""The series of the charts: seconds since the run's origin against MiB, users, rate, p95."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reports.aligning import AlignedRun
from reports.blindness import memory_series
from reports.decimation import Floats, decimate, with_gaps
from reports.histogram import percentile
from reports.units import MIB

MEASURE_NAMES = {"working_set": "working set", "pss": "PSS sum", "rss": "RSS sum"}
MARKED = {"oom_kill": "killed: out of memory", "target_restarted": "target restarted"}
MARKS_SHOWN = 20
BESIDE = {
    "working_set": (("cgroup usage", "cgroup_usage"), ("PSS sum", "pss"), ("RSS sum", "rss")),
    "pss": (("RSS sum", "rss"),),
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line: x in seconds since the origin, y in the unit that its name says."""

    name: str
    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True)
class Band:
    """One phase as a shaded band, in seconds since the origin."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, in words, at a second since the origin."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the charts draw."""

    memory: tuple[Series, ...]
    users: Series
    rate: Series
    failures: Series
    p95: Series
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    limit_mib: float | None


def timeline(run: AlignedRun, limit_bytes: int | None) -> Timeline:
    """The decimated series; gaps are NaN, never 0. The limit is drawn where it is close."""
    memory = _memory(run)
    seconds = run.data.statistics.seconds
    highest = max((float(np.nanmax(s.y)) for s in memory if np.isfinite(s.y).any()), default=0.0)
    limit = None if limit_bytes is None else limit_bytes / MIB
    return Timeline(
        memory=memory,
        users=_users(run),
        rate=_per_second(run, "requests/s", [s.requests / s.seconds for s in seconds]),
        failures=_per_second(run, "failures/s", [s.failures / s.seconds for s in seconds]),
        p95=_per_second(
            run,
            "p95 (ms)",
            [
                percentile(s.response_times, 0.95) or float("nan")
                for s in run.data.statistics.seconds
            ],
        ),
        bands=tuple(
            Band(p.window.name, p.window.start - run.origin, p.window.end - run.origin)
            for p in run.phases
        ),
        marks=tuple(
            Mark(event.time - run.origin, MARKED[event.name])
            for event in run.data.events
            if event.name in MARKED
        )[:MARKS_SHOWN],
        limit_mib=limit if limit is not None and highest and limit <= 3 * highest else None,
    )


def _memory(run: AlignedRun) -> tuple[Series, ...]:
    frame = run.data.memory
    main = MEASURE_NAMES[run.measure or "rss"]
    lines = [_line(run, f"{main} (MiB)", frame["time"], memory_series(run, frame) / MIB)]
    for name, column in BESIDE.get(run.measure or "rss", ()):
        if frame[column].notna().any():
            lines.append(_line(run, f"{name} (MiB)", frame["time"], frame[column] / MIB))
    return tuple(lines)


def _line(run: AlignedRun, name: str, times: Any, values: Any) -> Series:
    x: Floats = times.to_numpy(dtype=float) - run.origin
    patience = max(1.0, 5 * (run.interval_seconds or 0.1))
    x, y = with_gaps(x, values.to_numpy(dtype=float), patience)
    return Series(name, *decimate(x, y))


def _users(run: AlignedRun) -> Series:
    seconds = [s for s in run.data.statistics.seconds if s.users is not None]
    if seconds:
        x = np.array([s.time - run.origin for s in seconds])
        y = np.array([float(s.users or 0) for s in seconds])
    else:
        known = run.data.memory.dropna(subset=["users"])
        x = known["time"].to_numpy(dtype=float) - run.origin
        y = known["users"].to_numpy(dtype=float)
    return Series("users", *decimate(x, y))


def _per_second(run: AlignedRun, name: str, values: list[float]) -> Series:
    x = np.array([s.time - run.origin for s in run.data.statistics.seconds], dtype=float)
    return Series(name, *decimate(x, np.array(values, dtype=float)))
