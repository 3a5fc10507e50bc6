"""What the verdicts judge: memory, requests and phases of one run as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stage:
    """One phase. Seconds since the run's origin; `settled`: when all its users were there."""

    name: str
    start: float
    end: float
    settled: float
    users: int | None
    is_load: bool


@dataclass(frozen=True, slots=True)
class Life:
    """One process from its birth to its death (seconds since the origin; None: it lived on).

    `time` (s) and `memory` (bytes; RSS, less what is shared where PSS was measured): its samples.
    `planned`: its exit was (None: unknown, or it lived).
    """

    pid: int
    role: str
    name: str
    born: float
    died: float | None
    planned: bool | None
    time: Array
    memory: Array


@dataclass(frozen=True, slots=True)
class Trace:
    """One run. `time` (s since the origin) and `memory` (bytes, NaN: not read) are the samples of
    the whole target; `requests` ended by `request_time` (s), cumulative.
    """

    time: Array
    memory: Array
    request_time: Array
    requests: Array
    stages: tuple[Stage, ...]
    lives: tuple[Life, ...] = ()
    limit_bytes: int | None = None
    measure: str | None = None

    @property
    def load(self) -> tuple[Stage, ...]:
        """The phases with users."""
        return tuple(stage for stage in self.stages if stage.is_load)

    def memory_in(self, stage: Stage) -> Array:
        """The readable samples (bytes) of one phase."""
        inside = (self.time >= stage.start) & (self.time < stage.end) & ~np.isnan(self.memory)
        return self.memory[inside]

    def requests_at(self, time: Array) -> Array:
        """Requests that ended by `time`, between two counts in proportion."""
        if not len(self.request_time):
            return np.zeros_like(time)
        return np.interp(time, self.request_time, self.requests)

    def rate(self) -> float | None:
        """Requests per second over the settled load; None without requests."""
        seconds = sum(stage.end - stage.settled for stage in self.load)
        if seconds <= 0 or not len(self.request_time):
            return None
        edges = np.array([(stage.settled, stage.end) for stage in self.load])
        ended = self.requests_at(edges.ravel()).reshape(edges.shape)
        return float((ended[:, 1] - ended[:, 0]).sum() / seconds) or None
