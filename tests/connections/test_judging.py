"""Memory per open connection on made series whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reports.connections.findings import CANNOT_TELL, NO, NOTHING, PARTLY, YES, OpenCount
from reports.connections.growing import growth_while_held
from reports.connections.judging import with_open_counts
from reports.connections.opened import disagrees
from reports.connections.returning import returned
from reports.connections.stairs import per_connection
from tests.connections.made import KIB, MIB, STABLE, Truth, judged, made_trace, stages


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("truth_bytes", [2 * MIB, 100 * KIB])
def test_what_a_connection_needs_is_found_within_its_interval(truth_bytes: int, seed: int) -> None:
    found = judged(Truth(truth_bytes), seed).each
    assert found.bytes == pytest.approx(truth_bytes, rel=0.05)
    assert found.ci95 is not None
    # One in twenty intervals may miss: with twice their width none of these does.
    low, high = found.ci95
    assert low - (high - low) / 2 <= truth_bytes <= high + (high - low) / 2


@pytest.mark.parametrize("seed", range(2))
def test_connections_that_need_nothing_are_told_as_below_a_bound(seed: int) -> None:
    found = judged(Truth(0), seed)
    assert found.each.bytes is None or found.each.bytes < 2 * KIB
    if found.each.bytes is None:
        assert found.each.below_bytes is not None and found.each.below_bytes < 2 * KIB
        assert found.returned.word == NOTHING


@pytest.mark.parametrize(
    ("kept", "word"), [(0.0, YES), (0.1, YES), (0.5, PARTLY), (0.9, NO), (1.0, NO)]
)
def test_whether_it_comes_back_is_told_by_the_share_that_does(kept: float, word: str) -> None:
    found = judged(Truth(100 * KIB, kept_fraction=kept)).returned
    assert found.word == word
    assert found.fraction == pytest.approx(1 - kept, abs=0.05)


def test_what_only_the_first_connection_brought_is_no_connections_own() -> None:
    truth = Truth(100 * KIB, first_bytes=8 * MIB, kept_fraction=8 / (8 + 200 * 100 / KIB))
    found = judged(truth)
    assert found.each.bytes == pytest.approx(100 * KIB, rel=0.05)
    assert found.returned.word == YES


def test_too_little_to_come_back_is_not_judged() -> None:
    found = judged(Truth(5 * KIB, noise_bytes=0.01 * MIB)).returned
    assert found.word == CANNOT_TELL
    assert found.reason is not None and "by itself" in found.reason


@pytest.mark.parametrize("seed", range(2))
def test_connections_that_stand_are_not_said_to_grow(seed: int) -> None:
    held = judged(Truth(2 * MIB), seed).held
    assert held is not None and held.bytes_per_second is None
    assert held.below_bytes_per_second is not None and held.below_bytes_per_second < 500


@pytest.mark.parametrize("seed", range(2))
def test_growth_while_held_is_told_per_connection_and_second(seed: int) -> None:
    found = judged(Truth(100 * KIB, growing_bytes=20 * KIB), seed)
    assert found.held is not None
    assert found.held.bytes_per_second == pytest.approx(20 * KIB, rel=0.05)
    assert found.each.bytes is None
    assert found.each.reason is not None and "grows by 20.0 KiB/s" in found.each.reason
    assert found.returned.word == YES


def test_growth_that_is_small_beside_a_connection_is_taken_off_before_the_stairs() -> None:
    found = judged(Truth(2 * MIB, growing_bytes=2 * KIB))
    assert found.held is not None
    assert found.held.bytes_per_second == pytest.approx(2 * KIB, rel=0.1)
    assert found.each.bytes == pytest.approx(2 * MIB, rel=0.02)


def test_where_fewer_were_open_than_asked_for_those_that_were_open_count() -> None:
    refused = OpenCount("load-5", 200, 150, None)
    assert disagrees(refused)
    assert not disagrees(OpenCount("load-5", 200, 195, None))
    assert not disagrees(OpenCount("load-5", 200, None, None))
    users = {stage.name: stage.users for stage in with_open_counts(stages(), (refused,))}
    assert (users["load-5"], users["load-4"], users["baseline"]) == (150, 160, 0)


def test_more_descriptors_than_connections_are_no_more_connections() -> None:
    upstream = OpenCount("load-5", 200, 400, None)
    users = {stage.name: stage.users for stage in with_open_counts(stages(), (upstream,))}
    assert users["load-5"] == 200


def test_a_loose_bound_is_no_sign_that_there_is_nothing_to_come_back() -> None:
    found = judged(Truth(100 * KIB, noise_bytes=60 * MIB, kept_fraction=1.0))
    assert found.each.below_bytes is not None
    assert found.returned.word == CANNOT_TELL
    assert found.returned.reason is not None and "up to" in found.returned.reason


def test_a_load_whose_end_could_not_be_read_is_judged_by_the_rest_of_it() -> None:
    trace = made_trace(Truth(100 * KIB))
    *stairs, hold = trace.load
    late = (trace.time >= hold.end - 8) & (trace.time < hold.end)
    blind = replace(trace, memory=np.where(late, np.nan, trace.memory))
    held = growth_while_held(blind, hold)
    each = per_connection(blind, tuple(stairs), STABLE, held)
    assert returned(blind, each, held, 0).word == YES


def test_without_any_open_connection_the_reason_is_told() -> None:
    trace = made_trace(Truth())
    held = growth_while_held(trace, replace(trace.load[-1], users=0))
    assert held is not None and held.reason is not None and "none was open" in held.reason
