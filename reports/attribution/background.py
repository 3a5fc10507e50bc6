"""What moves the levels of a run without any request: growth, and the allocator's slack.

What requests keep never comes back, but allocators keep some MiB of what a crowd needed, too, and
give them back under the next load or the one after that; garbage waits for a collection. Of a level
that memory falls below later, so much was slack; how much of it there is at the others nobody
knows, but hardly more than the most that was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from reports.aligning import AlignedRun
from reports.attribution.levels import LEAST_SAMPLES, Rests, resolution, settled
from reports.attribution.parts import Part
from reports.verdicts.trace import Array

LEAST_RESTS = 4
MOST_POINTS = 300


@dataclass(frozen=True, slots=True)
class Idle:
    """Growth without any request, bytes per second, and half of its 95 % interval."""

    bytes_per_second: float = 0.0
    half_bytes_per_second: float = 0.0


def _idle_growth(run: AlignedRun) -> Idle:
    """What is added in rests, where nobody asks; nothing where that is not shown.

    Student's interval over the slopes of the rests must lie above 0.
    """
    slopes = []
    for rest in run.phases:
        if rest.users:
            continue
        time, values = settled(run, rest)
        if len(values) >= LEAST_SAMPLES and np.ptp(time) > 0:
            slopes.append(float(stats.theilslopes(*_thinned(values, time)).slope))
    if len(slopes) < LEAST_RESTS:
        return Idle()
    mean = float(np.mean(slopes))
    half = float(stats.t.ppf(0.975, len(slopes) - 1) * stats.sem(slopes))
    return Idle(mean, half) if mean > half else Idle()


def _thinned(values: Array, time: Array) -> tuple[Array, Array]:
    """Means of neighbours, MOST_POINTS at the most: all pairs of a long rest are gigabytes."""
    pieces = min(MOST_POINTS, len(values))
    means = [[piece.mean() for piece in np.array_split(one, pieces)] for one in (values, time)]
    return np.asarray(means[0]), np.asarray(means[1])


@dataclass(frozen=True, slots=True)
class Background:
    """Growth without requests, and the most that was slack of a level (bytes)."""

    idle: Idle
    slack_bytes: float


def background_of(rests: Rests, parts: Sequence[Part]) -> Background:
    """Growth that does not add up to more than the noise over any part is none."""
    idle, phases = _idle_growth(rests.run), rests.run.phases
    level = rests.level(phases[0]) if phases else None
    longest = max((part.seconds for part in parts), default=0.0)
    if level is None or idle.bytes_per_second * longest <= resolution(level):
        idle = Idle()
    return Background(idle, _slack_of(rests))


def _slack_of(rests: Rests) -> float:
    """The most (bytes) by which memory fell below the level of a rest later in the run."""
    levels = [rests.level(phase) for phase in rests.run.phases if phase.users == 0]
    return max((one.back_bytes for one in levels if one is not None), default=0.0)
