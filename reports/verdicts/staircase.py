"""Growth in jumps: a list that doubles, a buffer for each batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from reports.verdicts.points import despiked
from reports.verdicts.teeth import falls_of
from reports.verdicts.trace import Trace

LEAST_STEPS = 4
"""One step is an event; four up and none down happen by chance in 1 of 16."""

FLAT_FRACTION = 0.5
"""So much of the growth has to lie in the steps: the rest of the time memory stands."""


@dataclass(frozen=True, slots=True)
class Stairs:
    """So many steps up, and the line through the middles of their risers (95 % interval)."""

    steps: int
    bytes_per_request: float
    interval: tuple[float, float]


def steps_up(trace: Trace) -> Stairs | None:
    """Jumps of the whole target under settled load; None unless there are several, all upwards.

    The line is Theil and Sen's through the middles of the risers (scipy.stats.theilslopes).
    """
    inside = np.zeros(len(trace.time), dtype=bool)
    for stage in trace.load:
        inside |= (trace.time >= stage.settled) & (trace.time < stage.end)
    inside &= ~np.isnan(trace.memory)
    time = trace.time[inside]
    memory = despiked(time, trace.memory[inside])
    if len(time) < 10:
        return None
    ups, downs = falls_of(time, -memory, fraction=0.04), falls_of(time, memory, fraction=0.04)
    if len(ups) < LEAST_STEPS or len(downs):
        return None
    heights = np.array([_height(memory, index) for index in ups])
    if heights.sum() < FLAT_FRACTION * float(np.ptp(memory)):
        return None
    requests = trace.requests_at(time[ups])
    middles = np.array([memory[max(0, i - 2) : i + 2].mean() for i in ups])
    fit = stats.theilslopes(middles, requests)
    low, high = float(fit.low_slope), float(fit.high_slope)
    return Stairs(len(ups), float(fit.slope), (low, high)) if low > 0 else None


def _height(memory: np.ndarray[tuple[int], np.dtype[np.float64]], index: int) -> float:
    """Of one step: the level shortly after it less that shortly before."""
    after = memory[index : index + 5]
    before = memory[max(0, index - 5) : index]
    return float(np.median(after) - np.median(before)) if len(before) else 0.0
