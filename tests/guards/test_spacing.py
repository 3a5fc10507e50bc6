"""A rate is kept over any ten seconds, whatever the timers do; computed, not waited for."""

from __future__ import annotations

import random
from bisect import bisect_left

import pytest

from harness.guards.spacing import Spacing


def sent(rate: float, *, late: float, seconds: float = 120.0) -> list[float]:
    """When requests go whose timers wake up to `late` seconds too late; demand has no end."""
    spacing, now, gone = Spacing(rate), 0.0, []
    dice = random.Random(1)
    while now < seconds:
        delay = spacing.delay(now)
        if delay > 0:
            now += delay + dice.uniform(0, late)
        else:
            spacing.take(now)
            gone.append(now)
    return gone


def most_in_ten_seconds(times: list[float]) -> int:
    return max(bisect_left(times, start + 10.0) - index for index, start in enumerate(times))


@pytest.mark.parametrize("rate", [0.5, 1, 3.3, 9.9, 10, 20, 33.3, 100, 1000])
@pytest.mark.parametrize("late", [0.0, 0.002, 0.01])
def test_no_ten_seconds_hold_more_than_two_percent_above_the_cap(rate: float, late: float) -> None:
    assert most_in_ten_seconds(sent(rate, late=late)) <= max(10 * rate * 1.02, 10 * rate + 1)


@pytest.mark.parametrize("rate", [0.5, 5, 20, 100, 1000])
def test_late_timers_cost_little_of_the_cap(rate: float) -> None:
    times = sent(rate, late=0.002)
    assert len(times) / 120.0 > 0.98 * rate


def test_a_pause_is_not_made_up_for() -> None:
    spacing = Spacing(20)
    spacing.take(0.0)
    spacing.take(60.0)
    assert spacing.delay(60.0) == pytest.approx(0.05)


def test_a_redirect_is_charged_to_the_next_request() -> None:
    spacing = Spacing(2)
    spacing.take(10.0)
    spacing.charge()
    assert spacing.delay(10.0) == 1.0
