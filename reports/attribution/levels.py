"""The level of a phase without users, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reports.aligning import AlignedPhase, AlignedRun
from reports.blindness import memory_series
from reports.verdicts.leak import RESOLUTION_BYTES, RESOLUTION_FRACTION
from reports.verdicts.points import despiked
from reports.verdicts.trace import Array

SETTLED = 0.5
"""Of a rest: by then the last requests have been answered and their memory is back."""

LEAST_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Level:
    """Median of the settled half of a rest, and what of it does not come back later (bytes).

    `half_bytes`: half the width of 95 % of its samples; `time`: the middle of these (epoch
    seconds).
    """

    bytes: float
    lasting_bytes: float
    half_bytes: float
    time: float

    @property
    def back_bytes(self) -> float:
        """What of it came back later."""
        return self.bytes - self.lasting_bytes


def level_of(run: AlignedRun, rest: AlignedPhase) -> Level | None:
    """None with too few samples."""
    time, values = settled(run, rest)
    if len(values) < LEAST_SAMPLES:
        return None
    low, middle, high = np.quantile(values, (0.025, 0.5, 0.975))
    lasting = min(float(middle), _lowest_after(run, rest))
    return Level(float(middle), lasting, float(high - low) / 2, float(np.median(time)))


def _lowest_after(run: AlignedRun, rest: AlignedPhase) -> float:
    """Bytes; dips of single samples are taken out."""
    later = run.data.memory[run.data.memory["time"] >= rest.window.end]
    if run.phases:
        later = later[later["time"] <= run.phases[-1].window.end]
    values = memory_series(run, later)
    known = values.notna()
    time = np.asarray(later["time"][known], dtype=np.float64)
    memory = np.asarray(values[known], dtype=np.float64)
    return float(despiked(time, memory).min()) if len(memory) else np.inf


def resolution(level: Level) -> float:
    """Growth (bytes) that cannot be told from none, as for the verdict on a leak."""
    return max(RESOLUTION_BYTES, RESOLUTION_FRACTION * level.bytes)


def settled(run: AlignedRun, rest: AlignedPhase) -> tuple[Array, Array]:
    """Seconds and bytes of the samples by which the last requests are over."""
    begins = rest.window.start + SETTLED * (rest.window.end - rest.window.start)
    late = rest.memory[rest.memory["time"] >= begins]
    values = memory_series(run, late)
    known = values.notna()
    time = np.asarray(late["time"][known], dtype=np.float64)
    return time, np.asarray(values[known], dtype=np.float64)
