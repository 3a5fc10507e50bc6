"""When the load is stopped, second by second, with no clock but the test's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.guards.stop_switch import Look, Stop, StopRules, StopSwitch

ERRORS = StopRules(error_rate=0.5, seconds=10.0)
MEMORY = StopRules(memory=0.9, seconds=10.0)


def looks(
    *, failing: float = 0.0, rate: int = 10, seconds: int = 30, share: float | None = None
) -> list[Look]:
    """A look a second at `rate` requests/s, that share of them failed, at that memory share."""
    used = None if share is None else round(share * 1000)
    return [
        Look(100.0 + s, rate * s, round(failing * rate * s), used, 1000) for s in range(seconds)
    ]


def first_stop(switch: StopSwitch, seen: list[Look]) -> tuple[float, Stop] | None:
    for look in seen:
        stop = switch.look(look)
        if stop is not None:
            return look.at - 100.0, stop
    return None


def test_failures_must_last_the_whole_window() -> None:
    assert first_stop(StopSwitch(ERRORS), looks(failing=0.6)) == (
        10.0,
        Stop("error_rate", 0.6, 0.5, 10.0),
    )


def test_failures_at_the_limit_are_not_above_it() -> None:
    assert first_stop(StopSwitch(ERRORS), looks(failing=0.5)) is None


def test_old_failures_leave_the_window() -> None:
    switch = StopSwitch(replace(ERRORS, seconds=5.0))
    bad = [Look(100.0 + s, 10 * s, 10 * s) for s in range(4)]
    good = [Look(104.0 + s, 40 + 10 * s, 30) for s in range(30)]
    assert first_stop(switch, [*bad, *good]) is not None
    assert first_stop(switch, [replace(look, at=look.at + 50) for look in good]) is None


def test_good_hours_do_not_water_down_a_failing_minute() -> None:
    good = [Look(float(s), 10 * s, 0) for s in range(3600)]
    bad = [Look(3600.0 + s, 36_000 + 10 * s, 10 * s) for s in range(30)]
    switch = StopSwitch(ERRORS)
    assert first_stop(switch, good) is None
    found = first_stop(switch, bad)
    assert found is not None
    assert found[0] + 100 - 3600 < 8


def test_a_handful_of_requests_says_nothing() -> None:
    few = [Look(100.0 + 10 * s, s, s) for s in range(30)]
    assert first_stop(StopSwitch(ERRORS), few) is None


def test_counts_that_move_every_three_seconds_are_enough() -> None:
    seen = [
        replace(look, requests=look.requests // 30 * 30, failures=look.failures // 30 * 30)
        for look in looks(failing=1.0)
    ]
    found = first_stop(StopSwitch(ERRORS), seen)
    assert found is not None
    assert found[0] == 10.0


def test_memory_must_stay_above_for_as_long() -> None:
    assert first_stop(StopSwitch(MEMORY), looks(share=0.95)) == (
        10.0,
        Stop("memory", 0.95, 0.9, 10.0),
    )


def test_memory_that_comes_back_starts_anew() -> None:
    high, low = looks(share=0.95), looks(share=0.8)
    assert first_stop(StopSwitch(MEMORY), [*high[:9], low[9], *high[10:19]]) is None


def test_memory_that_was_not_seen_neither_stops_nor_clears() -> None:
    seen = looks(share=0.95)
    blind = [replace(look, memory_bytes=None) for look in seen]
    assert first_stop(StopSwitch(MEMORY), blind) is None
    found = first_stop(StopSwitch(MEMORY), [*seen[:3], *blind[3:12], *seen[12:]])
    assert found is not None
    assert found[0] == 12.0


def test_without_load_everything_is_forgotten() -> None:
    switch = StopSwitch(ERRORS)
    assert first_stop(switch, looks(failing=1.0)[:10]) is None
    switch.rest()
    assert first_stop(switch, looks(failing=1.0)[10:19]) is None


def test_without_rules_nothing_stops() -> None:
    assert first_stop(StopSwitch(StopRules()), looks(failing=1.0, share=1.5)) is None


@pytest.mark.parametrize(
    ("stop", "words"),
    [
        (
            Stop("error_rate", 0.82, 0.5, 10.0),
            "82% of the requests of the last 10 s failed (stop above 50%)",
        ),
        (
            Stop("memory", 0.97, 0.95, 5.0),
            "memory was at 97% of its limit, too high for 5 s (stop above 95%)",
        ),
    ],
)
def test_the_reason_is_a_sentence(stop: Stop, words: str) -> None:
    assert stop.words() == words
