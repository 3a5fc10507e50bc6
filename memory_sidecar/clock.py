"""Ticks with absolute deadlines: a slow reading does not shift those that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import floor


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick: its deadline, when it was taken (monotonic seconds), ticks missed before it."""

    due: float
    at: float
    missed: int

    @property
    def late_seconds(self) -> float:
        """How far after its deadline."""
        return max(0.0, self.at - self.due)


def ticks(
    interval_seconds: float, now: Callable[[], float], sleep: Callable[[float], object]
) -> Iterator[Tick]:
    """Yield a tick per interval, counted from the first; deadlines that passed are missed."""
    start, number = now(), 0
    while True:
        due = start + number * interval_seconds
        wait = due - now()
        if wait > 0:
            sleep(wait)
        at = now()
        passed = max(0, floor((at - due) / interval_seconds))
        number += passed
        yield Tick(start + number * interval_seconds, at, passed)
        number += 1


def is_late(tick: Tick, interval_seconds: float) -> bool:
    """Later than a tenth of the interval, and than 5 ms, which any scheduler may take."""
    return tick.late_seconds > max(0.1 * interval_seconds, 0.005)
