"""The five words, each on a trace whose truth is known before it is judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reports.findings import MemoryVerdict
from reports.verdicts.growth import Points, growth
from reports.verdicts.leak import leak_figures, not_there
from reports.verdicts.memory import memory_verdict
from reports.verdicts.thresholds import Thresholds
from reports.verdicts.trace import Array, Trace
from tests.reports.made_trace import (
    BASELINE,
    LOAD,
    MIB,
    RATE,
    STAGES,
    life,
    recovery_of,
    served,
    trace_with,
    with_lives,
)

KIB = 1024


def judged(trace: Trace, *doubts: str) -> MemoryVerdict:
    return memory_verdict(trace, recovery_of(trace), doubts, Thresholds())


def test_a_leak_is_found_with_its_rate_inside_the_interval() -> None:
    found = judged(trace_with(lambda _, n: 4 * KIB * n))
    assert found.verdict == "leak"
    assert found.leak is not None and found.leak.bytes_per_request_ci95 is not None
    low, high = found.leak.bytes_per_request_ci95
    assert low <= 4 * KIB <= high
    assert found.leak.bytes_per_request == pytest.approx(4 * KIB, rel=0.05)
    assert found.leak.bytes_per_hour == pytest.approx(4 * KIB * RATE * 3600, rel=0.06)


def test_requests_and_seconds_to_the_limit_are_the_room_by_the_rate() -> None:
    found = judged(trace_with(lambda _, n: 10 * KIB * n, noise=0.0)).leak
    assert found is not None and found.requests_to_limit is not None
    room = 512 * MIB - (100 * MIB + 10 * KIB * RATE * LOAD)
    assert found.requests_to_limit == pytest.approx(room / (10 * KIB), rel=0.01)
    assert found.seconds_to_limit == pytest.approx(found.requests_to_limit / RATE, rel=0.01)


def test_noise_alone_is_stable_and_says_below_what() -> None:
    found = judged(trace_with(lambda _, n: 0 * n))
    assert found.verdict == "stable"
    assert found.upper_bytes_per_request is not None
    assert found.upper_bytes_per_request * RATE * LOAD < 1 * MIB


def test_memory_that_never_moves_is_stable() -> None:
    assert judged(trace_with(lambda _, n: 0 * n, noise=0.0)).verdict == "stable"


def test_a_cache_that_fills_has_a_plateau() -> None:
    found = judged(trace_with(lambda _, n: 80 * MIB * (1 - np.exp(-n / 600))))
    assert found.verdict == "cache_fill"
    assert found.plateau is not None
    assert found.plateau.bytes == pytest.approx(180 * MIB, rel=0.03)
    # 95 % of it are there after three time constants, less what was served before all users were.
    assert found.plateau.requests == pytest.approx(3 * 600 - 2 * RATE, rel=0.1)


def test_a_warm_up_is_left_out() -> None:
    found = judged(trace_with(lambda _, n: 40 * MIB * (1 - np.exp(-n / 60))))
    assert found.verdict == "stable"
    assert found.warm_up_seconds > 0


def test_one_step_is_no_leak_and_many_are() -> None:
    assert judged(trace_with(lambda t, _: np.where(t > 35, 30.0 * MIB, 0.0))).verdict == "stable"
    found = judged(trace_with(lambda _, n: 4 * MIB * np.floor(n / 300)))
    assert found.verdict == "leak"
    assert found.leak is not None
    assert found.leak.bytes_per_request == pytest.approx(4 * MIB / 300, rel=0.15)


def test_teeth_are_stable_and_a_rising_floor_under_them_leaks() -> None:
    def teeth(n: Array) -> Array:
        return 30 * MIB * np.mod(n, 500) / 500

    assert judged(trace_with(lambda _, n: teeth(n))).verdict == "stable"
    assert judged(trace_with(lambda _, n: teeth(n) + 6 * KIB * n)).verdict == "leak"


def test_what_the_load_needed_and_kept_is_poor_recovery() -> None:
    found = judged(trace_with(lambda t, _: 90 * MIB * np.clip((t - BASELINE) / 2, 0, 1)))
    assert found.verdict == "poor_recovery"


def test_growth_that_came_back_after_the_load_was_no_leak() -> None:
    def sessions(time: Array, n: Array) -> Array:
        return np.where(time < BASELINE + LOAD, 20 * KIB * n, 0)

    found = judged(trace_with(sessions))
    assert found.verdict == "cannot_tell"
    assert "stay after it" in found.reasons[0]
    assert found.would_decide is not None and "two-wave" in found.would_decide


def test_a_change_of_rate_does_not_make_a_leak() -> None:
    """Twice the rate in the second half: the same bytes with each request, more each second."""
    trace = trace_with(lambda _, n: 0 * n)
    faster = np.where(trace.request_time > 40, 2.0, 1.0)
    loaded = (trace.request_time > BASELINE) & (trace.request_time <= BASELINE + LOAD)
    requests = np.cumsum(RATE * faster * loaded)
    leaking = 3 * KIB * np.interp(trace.time, trace.request_time, requests)
    changed = replace(trace, requests=requests)
    assert judged(changed).verdict == "stable"
    found = judged(replace(changed, memory=trace.memory + leaking)).leak
    assert found is not None
    assert found.bytes_per_request == pytest.approx(3 * KIB, rel=0.05)


def test_a_leak_in_one_worker_names_it() -> None:
    trace = trace_with(lambda _, n: 3 * KIB * n, noise=0.4 * MIB)
    rng = np.random.default_rng(3)
    lives = [
        life(10, lambda t: 20 * MIB + 0 * t, role="root"),
        life(11, lambda t: 40 * MIB + rng.normal(0, 0.1 * MIB, len(t))),
        life(12, lambda t: 40 * MIB + 3 * KIB * served(t) + rng.normal(0, 0.1 * MIB, len(t))),
    ]
    found = judged(with_lives(trace, *lives))
    assert found.verdict == "leak"
    assert found.leak is not None and found.leak.pid == 12


def test_recycling_does_not_hide_a_leak() -> None:
    """Four lives of 15 s, each from 40 MiB on: the total goes up and down, and stays."""

    def own(born: float) -> object:
        rng = np.random.default_rng(int(born))
        return lambda t: (
            40 * MIB
            + 16 * KIB * (served(t) - served(np.array([born]))[0])
            + rng.normal(0, 0.05 * MIB, len(t))
        )

    births = (0.0, 25.0, 40.0, 55.0)
    ends = (25.0, 40.0, 55.0, None)
    lives = [
        life(20 + i, own(born), born, died)  # type: ignore[arg-type]
        for i, (born, died) in enumerate(zip(births, ends, strict=True))
    ]
    trace = trace_with(lambda _, n: 0 * n, noise=0.0)
    total = np.zeros_like(trace.time)
    for one in lives:
        until = one.died or STAGES[-1].end
        inside = (trace.time >= one.born) & (trace.time < until)
        total[inside] += np.interp(trace.time[inside], one.time, one.memory)
    master = life(19, lambda t: 20 * MIB + 0 * t, role="root")
    found = judged(with_lives(replace(trace, memory=total + 20 * MIB), master, *lives))
    assert found.verdict == "leak"
    assert found.leak is not None
    assert found.leak.bytes_per_request == pytest.approx(16 * KIB, rel=0.1)


def test_doubts_forbid_any_verdict() -> None:
    found = judged(trace_with(lambda _, n: 40 * KIB * n), "the load generator was saturated")
    assert found.verdict == "cannot_tell"
    assert found.reasons == ("the load generator was saturated",)


def test_a_run_without_requests_cannot_be_judged() -> None:
    trace = trace_with(lambda _, n: 0 * n)
    found = judged(replace(trace, requests=np.zeros_like(trace.requests)))
    assert found.verdict == "cannot_tell"
    assert found.would_decide


@pytest.mark.parametrize("swing", [0.0, 2.0 * MIB])
def test_a_short_load_is_never_told_that_another_short_one_would_decide(swing: float) -> None:
    """Whether the growth is clear or hidden by swings: below half a minute no leak is told."""
    short = trace_with(lambda t, n: 20 * KIB * n + swing * np.sin(3 * t), load=8.0)
    found = judged(short)
    assert found.verdict == "cannot_tell"
    assert ("neither shown nor excluded" in found.reasons[0]) == (swing > 0)
    assert found.would_decide is not None and "two minutes" in found.would_decide


def test_an_allocators_jumps_do_not_hide_a_leak_and_make_none() -> None:
    """15 MiB up for a while, down again, up again, as thread arenas do; and page by page a leak."""

    def jumps(time: Array) -> Array:
        return np.where(((time > 25) & (time < 40)) | (time > 52), 15.0 * MIB, 0.0)

    assert judged(trace_with(lambda t, _: jumps(t))).verdict == "stable"
    found = judged(trace_with(lambda t, n: jumps(t) + 4 * KIB * n))
    assert found.verdict == "leak"
    assert found.leak is not None
    assert found.leak.bytes_per_request == pytest.approx(4 * KIB, rel=0.15)


@pytest.mark.parametrize("seed", range(8))
def test_under_wandering_noise_the_interval_holds_the_truth(seed: int) -> None:
    rng = np.random.default_rng(seed)
    requests = np.asarray(np.arange(72) * 80.0, dtype=np.float64)
    noise = np.zeros(72, dtype=np.float64)
    for index in range(1, 72):
        noise[index] = 0.8 * noise[index - 1] + rng.normal(0, 0.3 * MIB)
    memory = np.asarray(100 * MIB + 2 * KIB * requests + noise, dtype=np.float64)
    found = growth(Points.of(requests, memory))
    assert found is not None
    assert found.interval[0] <= 2 * KIB <= found.interval[1]
    assert found.probability > 0.9


def test_too_few_bins_are_no_growth() -> None:
    assert growth(Points.of(np.arange(5.0), np.arange(5.0))) is None
    assert growth(Points.of(np.zeros(20), np.arange(20.0))) is None


def test_a_cache_that_is_full_early_is_still_a_cache() -> None:
    found = judged(trace_with(lambda _, n: 90 * MIB * (1 - np.exp(-n / 220))))
    assert found.verdict == "cache_fill"


def test_a_list_that_doubles_is_a_leak() -> None:
    found = judged(trace_with(lambda _, n: 2 * MIB * 2 ** np.floor(np.log2(np.maximum(n, 1) / 90))))
    assert found.verdict == "leak"
    assert "steps" in found.reasons[0]


@pytest.mark.parametrize(("step", "word"), [(4 * KIB, "stable"), (MIB, "leak")])
def test_single_pages_in_a_process_that_else_stands_are_no_steps(step: int, word: str) -> None:
    def eight(_: Array, requests: Array) -> Array:
        return np.asarray(step * np.floor(8 * requests / requests.max()), dtype=np.float64)

    assert judged(trace_with(eight, noise=0.0)).verdict == word


def test_a_series_without_any_noise_is_judged_too() -> None:
    requests = np.arange(72.0)
    steps = np.where(requests < 40, 5e6, 5e6 + 64.0)
    for memory in (np.full(72, 5e6), steps, 5e6 + 1024 * requests):
        found = growth(Points.of(requests, memory))
        assert found is not None
        assert np.isfinite(found.upper_bytes_per_request)


def test_growth_between_falls_that_is_not_there_at_the_end_is_no_leak() -> None:
    figures = leak_figures(trace_with(lambda _, n: 0 * n), 3e3, (2e3, 4e3), None)
    leak = MemoryVerdict("leak", (), figures)
    requests = np.linspace(0.0, 3_000.0, 60)
    flat, rising = np.full(60, 100.0 * MIB), 100.0 * MIB + 3e3 * requests
    told = not_there(leak, Points.of(requests, flat))
    assert told is not None and told.verdict == "cannot_tell"
    assert "stood 0" in told.reasons[0]
    assert not_there(leak, Points.of(requests, rising)) is None
    # The rest of it may hide in what moves anyway.
    assert not_there(leak, Points.of(requests, flat + 0.6 * (rising - flat))) is None
    assert not_there(leak, None) is None
