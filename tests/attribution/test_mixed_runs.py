"""Which endpoint keeps memory, told from mixed runs whose truth was written first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reports.attribution.mixed import ENDS, FILLED, REPLACED, SHORT, mixed_shares
from reports.attribution.shares import EndpointShare, EndpointShares
from reports.endpoint_seconds import EndpointSeconds
from reports.findings import Leak, MemoryVerdict, Recovery
from reports.verdicts.trace import Array, Life
from tests.attribution.made_mix import KIB, MIB, Mix, Rate, dealt, judged, wave

LEAK = 20.0 * KIB
DECK = {"/l1": 30, "/l2": 30, "/m1": 15, "/m2": 15, "/h1": 5, "/h2": 5}


def swinging(seed: int) -> dict[str, Rate]:
    """Three endpoints whose rates swing each in its own time."""
    rng = np.random.default_rng(seed)
    swings, phases = rng.uniform(1, 3, 3), rng.uniform(0, 1, 3)
    return {
        name: wave(mean, swing, phase)
        for name, mean, swing, phase in zip(
            ("/light", "/medium", "/heavy"), (20, 10, 8), swings, phases, strict=True
        )
    }


def shares_of(mix: Mix, seed: int, seconds: EndpointSeconds | None = None) -> EndpointShares:
    """As a report has them."""
    seconds = mix.counted(seed) if seconds is None else seconds
    trace = mix.trace(seconds, seed)
    memory, recovery = judged(trace)
    return mixed_shares(trace, seconds, memory, recovery)


def by_name(shares: EndpointShares) -> dict[str, EndpointShare]:
    return {share.key[1]: share for share in shares.endpoints}


def warming(at: Array) -> Array:
    """25 MiB, most of them in the first tenth of the load."""
    return np.asarray(25 * MIB * (1 - np.exp(-at / 0.08)), dtype=float)


def named(shares: EndpointShares) -> set[str]:
    """Endpoints that are said to keep memory, alone or as one of a group."""
    alone = {s.key[1] for s in shares.endpoints if s.bytes_per_request is not None}
    return alone | {key[1] for group in shares.not_separated for key in group.keys}


@pytest.mark.parametrize("seconds", [8.0, 14.0, 24.0])
def test_a_short_load_gives_no_bounds_that_would_be_false(seconds: float) -> None:
    leak = Mix(swinging(1), {"/heavy": 10 * LEAK}, load_seconds=seconds)
    assert shares_of(leak, 1) == EndpointShares(unknown=SHORT)


@pytest.mark.parametrize("seed", range(5))
def test_the_one_that_leaks_is_named_with_its_rate_and_others_are_below(seed: int) -> None:
    shares = shares_of(Mix(swinging(seed), {"/heavy": LEAK}, load_seconds=180), seed)
    found = by_name(shares)
    assert found["/heavy"].bytes_per_request == pytest.approx(LEAK, rel=0.15)
    assert found["/heavy"].attributed_from == "regression"
    for name in ("/light", "/medium"):
        below = found[name].below_bytes
        assert found[name].bytes_per_request is None
        assert below is not None
        assert 0 < below < LEAK / 2


def test_the_interval_holds_the_truth_in_nearly_all_draws() -> None:
    held = []
    for seed in range(100, 110):
        share = by_name(shares_of(Mix(swinging(seed), {"/heavy": LEAK}), seed))["/heavy"]
        if share.ci95 is not None:
            held.append(share.ci95[0] <= LEAK <= share.ci95[1])
    assert len(held) >= 7
    assert np.mean(held) >= 0.8


def test_two_that_leak_are_told_apart() -> None:
    kept = {"/heavy": LEAK, "/medium": LEAK / 2}
    found = by_name(shares_of(Mix(swinging(2), kept, load_seconds=300), 2))
    assert found["/heavy"].bytes_per_request == pytest.approx(LEAK, rel=0.15)
    assert found["/medium"].bytes_per_request == pytest.approx(LEAK / 2, rel=0.2)
    assert found["/light"].bytes_per_request is None


def test_those_that_always_go_together_share_one_rate_and_the_third_is_told() -> None:
    seconds = Mix(
        {"/a": wave(12, 2, 0.0), "/b": wave(12, 2, 0.0), "/c": wave(10, 1.3, 0.5)}
    ).counted(3)
    counts = seconds.counts.copy()
    counts[:, 1] = counts[:, 0]
    seconds = replace(seconds, counts=counts)
    shares = shares_of(Mix({}, {"/a": LEAK}), 3, seconds)
    (group,) = shares.not_separated
    assert group.keys == (("GET", "/a"), ("GET", "/b"))
    assert group.in_step
    assert group.bytes_per_request == pytest.approx(LEAK / 2, rel=0.15)
    assert by_name(shares)["/c"].below_bytes is not None


def test_where_nothing_leaks_nobody_is_named() -> None:
    for seed in range(200, 205):
        shares = shares_of(Mix(swinging(seed)), seed)
        assert named(shares) == set()
        assert all(share.below_bytes for share in shares.endpoints)


def test_memory_that_never_moved_is_below_something_and_not_below_nothing() -> None:
    seconds = Mix(swinging(1)).counted(1)
    trace = Mix(swinging(1)).trace(seconds, 1)
    still = replace(trace, memory=np.full_like(trace.memory, 100.0 * MIB))
    shares = mixed_shares(still, seconds, *judged(still))
    assert len(shares.endpoints) == 3
    assert all((share.below_bytes or 0) > 1 for share in shares.endpoints)


@pytest.mark.parametrize("leaking", ["/h1", "/l1"])
def test_endpoints_dealt_from_a_deck_cannot_be_separated(leaking: str) -> None:
    mix = Mix({}, {leaking: 400.0 * KIB if leaking == "/h1" else LEAK})
    shares = shares_of(mix, 4, dealt(DECK, 20, 3600, 4))
    (group,) = shares.not_separated
    assert {key[1] for key in group.keys} == set(DECK)
    assert group.in_step
    assert all(share.bytes_per_request is None for share in shares.endpoints)
    expected = mix.kept_bytes[leaking] * DECK[leaking] / 100
    assert group.bytes_per_request == pytest.approx(expected, rel=0.15)


def test_memory_per_user_of_a_staircase_is_nobodys_leak() -> None:
    mix = Mix(swinging(5), users=(5, 10, 15, 20), user_bytes=3.0 * MIB, load_seconds=240)
    assert named(shares_of(mix, 5)) == set()


def test_a_leak_is_found_beside_memory_per_user() -> None:
    kept = {"/heavy": LEAK}
    mix = Mix(swinging(6), kept, users=(5, 10, 15, 20), user_bytes=3.0 * MIB, load_seconds=240)
    found = by_name(shares_of(mix, 6))
    assert found["/heavy"].bytes_per_request == pytest.approx(LEAK, rel=0.2)
    assert found["/light"].bytes_per_request is None


def test_a_warm_up_is_no_leak_of_whoever_was_busy_then() -> None:
    # /early is asked most in the beginning, when the service grows by 25 MiB.
    rates = {"/early": wave(15, 0.75, 0.25), "/late": wave(15, 0.75, 0.75), "/c": wave(9, 2, 0)}
    for seed in range(300, 303):
        mix = Mix(rates, beside=warming)
        assert named(shares_of(mix, seed)) == set()


def test_an_endpoints_own_cache_is_not_kept_by_each_request() -> None:
    mix = Mix(swinging(7), cached={"/heavy": (30.0 * MIB, 250.0)})
    assert named(shares_of(mix, 7)) == set()


def test_a_cache_of_one_endpoint_that_passes_for_a_leak_of_all_is_told_as_such() -> None:
    mix = Mix(swinging(7), cached={"/heavy": (30.0 * MIB, 250.0)})
    seconds = mix.counted(7)
    fooled = MemoryVerdict("leak", ("it grows",), Leak(9000.0), upper_bytes_per_request=9500.0)
    shares = mixed_shares(mix.trace(seconds, 7), seconds, fooled, Recovery())
    assert shares == EndpointShares(unknown=ENDS)


def test_where_memory_filled_up_nobody_is_blamed_for_the_rest() -> None:
    mix = Mix(swinging(7))
    seconds = mix.counted(7)
    filled = MemoryVerdict("cache_fill", ("it levels off",), upper_bytes_per_request=90.0)
    shares = mixed_shares(mix.trace(seconds, 7), seconds, filled, Recovery())
    assert shares == EndpointShares(unknown=FILLED)


def test_an_endpoint_that_was_hardly_asked_is_never_named_alone() -> None:
    rates = {**swinging(8), "/rare": lambda at: np.where(abs(at - 0.5) < 0.03, 1.0, 0.0)}
    mix = Mix(rates, {"/heavy": LEAK}, beside=lambda at: np.where(at > 0.5, 4.0 * MIB, 0.0))
    assert by_name(shares_of(mix, 8))["/rare"].bytes_per_request is None


def test_replaced_workers_forbid_an_answer() -> None:
    mix = Mix(swinging(9), {"/heavy": LEAK})
    seconds = mix.counted(9)
    none = np.empty(0)
    lives = tuple(
        Life(pid, "worker", "gunicorn", born, died, True, none, none)
        for pid, born, died in ((2, 0.0, 60.0), (3, 60.0, None))
    )
    trace = replace(mix.trace(seconds, 9), lives=lives)
    memory, recovery = judged(trace)
    assert mixed_shares(trace, seconds, memory, recovery).unknown == REPLACED


def test_a_run_that_must_not_be_judged_says_nothing_of_its_endpoints() -> None:
    seconds = Mix(swinging(1)).counted(1)
    trace = Mix(swinging(1)).trace(seconds, 1)
    doubtful = MemoryVerdict("cannot_tell", ("the generator was saturated",))
    assert mixed_shares(trace, seconds, doubtful, Recovery()) == EndpointShares()
    memory, recovery = judged(trace)
    assert mixed_shares(trace, None, memory, recovery) == EndpointShares()
