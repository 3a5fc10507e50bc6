"""Sawtooth: memory that climbs between two collections and falls at each.

Between two falls even a healthy process grows, and a regression over an odd number of teeth sees
a slope. The distance to the last fall, as a regressor, takes the climb out; what remains is how
the floor moves, and a floor that rises is a leak.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reports.verdicts.trace import Array

FALL_SECONDS = 1.5
"""A collection frees at once; memory that sinks more slowly is given back, not collected."""

FALL_SAMPLES = 2
"""It may lie across a sample."""

FALL_NOISES = 5.0
"""A fall is larger than so many times the usual change in that time (robust sigma)."""

FALL_FRACTION = 0.25
"""A fall takes at least so much of all that the memory moved."""

FALL_TO_RISE = 2.0
"""Noise falls as it rises; a collection falls faster than 99 % of the rises, by this factor."""

STAYS = 1
"""Times FALL_SECONDS before and after a fall that are looked at,"""

STAYS_SHARE = 0.5
"""and the share of the least fall that must show there."""

LEAST_FALLS = 2


def since_last_fall(
    time: Array, memory: Array, requests: Array, span: NDArray[np.int64]
) -> Array | None:
    """Requests since the last fall in the same span at each sample; NaN before the first one.

    None where memory does not fall at least twice: one fall may be anything.
    """
    falls = falls_of(time, memory)
    if len(falls) < LEAST_FALLS:
        return None
    fell = np.full(len(requests), np.nan)
    for number in np.unique(span):
        own = np.flatnonzero(span == number)
        inside = falls[(falls >= own[0]) & (falls <= own[-1])]
        latest = np.searchsorted(inside, own, side="right") - 1
        known = latest >= 0
        fell[own[known]] = requests[inside[latest[known]]]
    return np.asarray(requests - fell)


def falls_of(time: Array, memory: Array, fraction: float = FALL_FRACTION) -> NDArray[np.int64]:
    """Indices of the first samples after a fall.

    A fall is a drop within FALL_SECONDS by more than `fraction` of the range of all samples, by
    more than FALL_NOISES sigmas of the changes over that time, and faster than rises are.
    """
    if len(memory) < 2 * FALL_SAMPLES + 1:
        return np.array([], dtype=np.int64)
    step = window_samples(time)
    if step >= len(memory):
        return np.array([], dtype=np.int64)
    change = memory[step:] - memory[:-step]
    # Over the same distance: memory that wanders moves further in a second than in a tenth.
    sigma = 1.4826 * float(np.median(np.abs(change - np.median(change))))
    rise = FALL_TO_RISE * max(float(np.quantile(change, 0.99)), 0.0)
    least = max(FALL_NOISES * sigma, fraction * float(np.ptp(memory)), rise)
    below = np.zeros(len(memory), dtype=bool)
    below[step:] = -change > least if least > 0 else False
    # Those that follow see the same fall.
    first = np.flatnonzero(below & ~np.insert(below[:-1], 0, False))
    return first[[_stays_down(memory, int(index), step, least) for index in first]]


def _stays_down(memory: Array, index: int, step: int, least: float) -> bool:
    """Memory was up before and is down after, for some samples each: a spike's end is no fall."""
    width = STAYS * step
    before = memory[max(0, index - step - width) : max(1, index - step + 1)]
    after = memory[index + 1 : index + 1 + width]
    if not len(after):
        return True
    return float(np.median(before) - np.median(after)) > STAYS_SHARE * least


def window_samples(time: Array) -> int:
    """Samples in FALL_SECONDS, FALL_SAMPLES at least."""
    return max(FALL_SAMPLES, int(np.searchsorted(time, time[0] + FALL_SECONDS)) - 1)


def usual_fall(time: Array, memory: Array) -> float:
    """Median height of the falls, bytes; 0 where there are none."""
    falls = falls_of(time, memory)
    return float(np.median(heights_of(memory, falls))) if len(falls) >= LEAST_FALLS else 0.0


def heights_of(memory: Array, falls: NDArray[np.int64]) -> Array:
    """Of each fall, bytes."""
    before = np.array([memory[max(0, index - 5) : index].max() for index in falls])
    return np.asarray(before - memory[falls])
