"""Growth in jumps: a list that doubles, a buffer for each batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from reports.verdicts.levels import floor_of, jumps_of
from reports.verdicts.points import despiked, load_points
from reports.verdicts.teeth import falls_of, window_samples
from reports.verdicts.trace import Array, Trace

LEAST_STEPS = 4
"""One step is an event; four up and none down happen by chance in 1 of 16."""

LEAST_DOUBLINGS = 2
DOUBLING = (1.6, 2.5)

ALONE = 3.0
"""A step is so many times what memory moves in the same time before and after it."""

LEAST_SAMPLES = 10
SETTLED_SECONDS = 2.0

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
    stage_of = np.full(len(trace.time), -1)
    for index, stage in enumerate(trace.load):
        stage_of[(trace.time >= stage.settled) & (trace.time < stage.end)] = index
    inside = (stage_of >= 0) & ~np.isnan(trace.memory)
    time = trace.time[inside]
    memory = despiked(time, trace.memory[inside])
    if len(time) < LEAST_SAMPLES:
        return None
    ups, downs = falls_of(time, -memory, fraction=0.04), falls_of(time, memory, fraction=0.04)
    # Where the number of users changes, memory may step, too.
    begun = np.array([stage.settled for stage in trace.load])
    width = window_samples(time)
    kept = [
        _well_inside(float(time[index]), begun) and _stands_alone(memory, int(index), width)
        for index in ups
    ]
    ups = ups[kept]
    heights = np.array([_height(memory, index) for index in ups])
    if len(downs) or len(ups) < LEAST_STEPS:
        return None
    if heights.sum() < FLAT_FRACTION * float(np.ptp(memory)):
        return None
    requests = trace.requests_at(time[ups])
    middles = np.array([memory[max(0, i - 2) : i + 2].mean() for i in ups])
    fit = stats.theilslopes(middles, requests)
    low, high = float(fit.low_slope), float(fit.high_slope)
    return Stairs(len(ups), float(fit.slope), (low, high)) if low > 0 else None


def doublings(trace: Trace) -> Stairs | None:
    """A table that grows when it is full: each jump of the floor twice as high as the one before,
    and after twice as many requests. Two such coincidences make chance unlikely from two jumps on.

    It has no single rate: that of all of it so far, to within a factor of two.
    """
    points = load_points(trace)
    if points is None or points.tooth is not None:
        return None
    floor = floor_of(points.low)
    jumps = jumps_of(floor)
    heights, requests = floor[jumps] - floor[jumps - 1], points.requests[jumps]
    if len(jumps) < LEAST_DOUBLINGS or not (_twofold(heights) and _twofold(requests)):
        return None
    rate = float(heights.sum() / (requests[-1] - requests[0] / 2))
    return Stairs(len(jumps), rate, (rate / 2, rate * 2))


def _twofold(values: Array) -> bool:
    """Each about twice the one before."""
    if (values <= 0).any():
        return False
    ratios = values[1:] / values[:-1]
    return bool(((ratios > DOUBLING[0]) & (ratios < DOUBLING[1])).all())


def _stands_alone(memory: Array, index: int, width: int) -> bool:
    """Memory stood before the step and after it: a ramp is no row of steps."""
    before, after = index - 2 * width, index + width
    if before < 0 or after >= len(memory):
        return False
    height = memory[index] - memory[index - width]
    sides = (memory[index - width] - memory[before], memory[after] - memory[index])
    return bool(height > ALONE * max(abs(float(side)) for side in sides))


def _well_inside(time: float, begun: Array) -> bool:
    """The last stage had begun some time before, so that the step is not its users'."""
    return time - float(begun[begun <= time].max()) > SETTLED_SECONDS


def _height(memory: np.ndarray[tuple[int], np.dtype[np.float64]], index: int) -> float:
    """Of one step: the level shortly after it less that shortly before."""
    after = memory[index : index + 5]
    before = memory[max(0, index - 5) : index]
    return float(np.median(after) - np.median(before)) if len(before) else 0.0
