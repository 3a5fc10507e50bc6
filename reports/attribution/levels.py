"""The level of a phase without users, and how sure it is.

Levels can be compared as long as the same processes hold them: what one held goes with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reports.aligning import AlignedPhase, AlignedRun
from reports.blindness import memory_series
from reports.verdicts.leak import RESOLUTION_BYTES, resolution_at
from reports.verdicts.points import despiked
from reports.verdicts.trace import Array, Trace

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


@dataclass(frozen=True, slots=True)
class Rests:
    """The phases without users of one run.

    `ends`: when (epoch seconds) processes of the target ended that had held more than the noise.
    """

    run: AlignedRun
    ends: tuple[float, ...] = ()

    def level(self, rest: AlignedPhase) -> Level | None:
        """None with too few samples."""
        time, values = settled(self.run, rest)
        if len(values) < LEAST_SAMPLES:
            return None
        low, middle, high = np.quantile(values, (0.025, 0.5, 0.975))
        lasting = min(float(middle), self._lowest_after(rest))
        return Level(float(middle), lasting, float(high - low) / 2, float(np.median(time)))

    def ended_between(self, before: AlignedPhase, after: AlignedPhase) -> bool:
        """Whether a process that the level before counts was gone by the end of the rest after."""
        return any(_begins(before) <= one < after.window.end for one in self.ends)

    def _lowest_after(self, rest: AlignedPhase) -> float:
        """Bytes, while all processes live on; dips of single samples are taken out."""
        until = [phase.window.end for phase in self.run.phases[-1:]]
        until += [one for one in self.ends if one >= _begins(rest)]
        frame = self.run.data.memory
        return _lowest(self.run, frame[frame["time"].between(rest.window.end, min(until))])


def rests_of(run: AlignedRun, trace: Trace) -> Rests:
    """`trace`: of the same run, with the lives of its processes."""
    gone = [life for life in trace.lives if life.died is not None]
    large = [life for life in gone if len(life.memory) and life.memory.max() > RESOLUTION_BYTES]
    return Rests(run, tuple(sorted((life.died or 0.0) + run.origin for life in large)))


def _lowest(run: AlignedRun, later: pd.DataFrame) -> float:
    values = memory_series(run, later)
    known = values.notna()
    time = np.asarray(later["time"][known], dtype=np.float64)
    memory = np.asarray(values[known], dtype=np.float64)
    return float(despiked(time, memory).min()) if len(memory) else np.inf


def resolution(level: Level) -> float:
    """Growth (bytes) that cannot be told from none, as for the verdict on a leak."""
    return resolution_at(level.bytes)


def settled(run: AlignedRun, rest: AlignedPhase) -> tuple[Array, Array]:
    """Seconds and bytes of the samples by which the last requests are over."""
    late = rest.memory[rest.memory["time"] >= _begins(rest)]
    values = memory_series(run, late)
    known = values.notna()
    time = np.asarray(late["time"][known], dtype=np.float64)
    return time, np.asarray(values[known], dtype=np.float64)


def _begins(rest: AlignedPhase) -> float:
    return rest.window.start + SETTLED * (rest.window.end - rest.window.start)
