"""One clock for all that a run writes: it never steps back, whatever is done to the system's."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunClock:
    """Wall time (UTC epoch s) read once, carried on by the monotonic clock (s) from there.

    The monotonic clock is the same in all processes of a machine, so that two processes which
    share the pair share the time.
    """

    wall: float
    monotonic: float

    @classmethod
    def start(cls) -> RunClock:
        """The clock that begins now."""
        return cls(time.time(), time.monotonic())

    @classmethod
    def parse(cls, text: str) -> RunClock:
        """The pair as `str` wrote it. Raises ValueError."""
        wall, monotonic = map(float, text.split(","))
        return cls(wall, monotonic)

    def __str__(self) -> str:
        return f"{self.wall!r},{self.monotonic!r}"

    def at(self, monotonic: float) -> float:
        """UTC epoch seconds of a monotonic moment."""
        return self.wall + (monotonic - self.monotonic)

    def now(self) -> float:
        """UTC epoch seconds."""
        return self.at(time.monotonic())
