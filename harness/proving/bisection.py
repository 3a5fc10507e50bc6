"""The smallest limit that is survived, by halving what lies between; no process in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Survives = Callable[[int], bool]
"""Runs under a limit (bytes); True when the target survived."""


class BudgetSpent(Exception):
    """No further run is allowed."""


@dataclass(frozen=True, slots=True)
class Found:
    """Bytes: the smallest limit survived every time, and the largest that was not."""

    minimum: int | None
    fails: int | None


def smallest_survived(
    survives: Survives, *, fails: int, guess: int, resolution: int, repeats: int, ceiling: int
) -> Found:
    """`fails`: a limit that is taken to be too small without a run; `guess`: where to begin.

    Doubles the distance upwards until one is survived, halves downwards until neighbours differ by
    `resolution`, then runs the survivor `repeats` times more: one that fails then is flaky, and the
    next one up is tried. Limits are multiples of `resolution`. Stops quietly at BudgetSpent.
    """
    low, high = fails // resolution, None
    tried = max(low + 1, -(-guess // resolution))
    try:
        reach = max(1, tried - low)
        while high is None:
            if survives(tried * resolution):
                high = tried
            elif tried * resolution >= ceiling:
                return Found(None, tried * resolution)
            else:
                low, tried = tried, min(tried + reach, -(-ceiling // resolution))
                reach *= 2
        while high - low > 1:
            middle = (low + high) // 2
            if survives(middle * resolution):
                high = middle
            else:
                low = middle
        confirmed = 0
        while confirmed < repeats:
            if survives(high * resolution):
                confirmed += 1
            else:
                low, high, confirmed = high, high + 1, 0
    except BudgetSpent:
        pass
    return Found(None if high is None else high * resolution, low * resolution)
