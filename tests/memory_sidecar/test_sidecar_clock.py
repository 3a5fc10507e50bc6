"""Deadlines are absolute: tested with a clock that does not wait."""

from itertools import islice

import pytest

from memory_sidecar.clock import Tick, is_late, ticks


class FakeClock:
    def __init__(self) -> None:
        self.now_seconds = 50.0

    def now(self) -> float:
        return self.now_seconds

    def sleep(self, seconds: float) -> None:
        self.now_seconds += seconds


def test_ten_thousand_ticks_do_not_drift() -> None:
    clock = FakeClock()
    last = list(islice(ticks(0.1, clock.now, clock.sleep), 10_000))[-1]
    assert last.due == pytest.approx(50.0 + 999.9)
    assert last.missed == 0


def test_a_slow_reader_misses_ticks_but_keeps_the_beat() -> None:
    clock = FakeClock()
    beat = ticks(1.0, clock.now, clock.sleep)
    next(beat)
    clock.sleep(3.5)
    late = next(beat)
    assert (late.due, late.at, late.missed) == (53.0, 53.5, 2)
    assert next(beat) == Tick(54.0, 54.0, 0)


def test_late_means_a_tenth_of_the_interval_and_at_least_5_ms() -> None:
    assert not is_late(Tick(1.0, 1.004, 0), 0.01)
    assert is_late(Tick(1.0, 1.006, 0), 0.01)
    assert not is_late(Tick(1.0, 1.09, 0), 1.0)
    assert is_late(Tick(1.0, 1.11, 0), 1.0)
