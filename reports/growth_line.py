"""Memory against requests under settled load, and the line that the leak verdict drew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reports.aligning import AlignedRun
from reports.blindness import memory_series
from reports.decimation import Floats, decimate
from reports.findings import Leak, MemoryVerdict
from reports.units import MIB

BUCKETS = 600


@dataclass(frozen=True, slots=True)
class GrowthLine:
    """`x`: requests since the run's start; `y`: MiB. `line_y`, `low_y`, `high_y` over
    `line_x`: the verdict's rate through the middle of the samples, with its 95 % interval.
    """

    x: Floats
    y: Floats
    line_x: Floats
    line_y: Floats
    low_y: Floats
    high_y: Floats


def growth_line(run: AlignedRun, memory: MemoryVerdict) -> GrowthLine | None:
    """None without requests under load. Without a leak the line is flat, its band what is open."""
    x, y = _samples(run)
    if len(x) < 2 or x[-1] <= x[0]:
        return None
    rate, low, high = _rates(memory)
    middle, level = float(x[len(x) // 2]), float(np.nanmedian(y))
    line_x = np.array([x[0], middle, x[-1]])
    if rate is None:
        empty = np.empty(0)
        return GrowthLine(*decimate(x, y, BUCKETS), empty, empty, empty, empty)
    away = (line_x - middle) / MIB
    ends = np.sort(np.vstack([level + low * away, level + high * away]), axis=0)
    return GrowthLine(*decimate(x, y, BUCKETS), line_x, level + rate * away, ends[0], ends[1])


def _rates(memory: MemoryVerdict) -> tuple[float | None, float, float]:
    leak: Leak | None = memory.leak
    if leak is not None and leak.bytes_per_request is not None:
        rate = leak.bytes_per_request
        low, high = leak.bytes_per_request_ci95 or (rate, rate)
        return rate, low, high
    upper = memory.upper_bytes_per_request
    if upper is None or memory.verdict == "cannot_tell":
        return None, 0.0, 0.0
    return 0.0, 0.0, max(0.0, upper)


def _samples(run: AlignedRun) -> tuple[Floats, Floats]:
    seconds = run.data.statistics.seconds
    load = run.load_phases
    if not seconds or not load:
        return np.empty(0), np.empty(0)
    frame = run.data.memory
    times = frame["time"].to_numpy(dtype=float)
    inside = (times >= load[0].window.start) & (times < load[-1].window.end)
    values = memory_series(run, frame).to_numpy(dtype=float)[inside]
    ended = np.array([second.time for second in seconds])
    total = np.cumsum([float(second.requests) for second in seconds])
    return np.interp(times[inside], ended, total), values / MIB
