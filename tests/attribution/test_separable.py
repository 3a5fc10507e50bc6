"""Which columns of requests can be told apart: pure functions on made counts."""

from __future__ import annotations

import numpy as np

from reports.attribution.separable import MOST_COLUMNS, joined, separable
from reports.verdicts.trace import Array

BINS = 72
LEVEL = np.ones((BINS, 1))
AT = np.linspace(0, 1, BINS)


def risen(mean: float, swings: float, phase: float) -> Array:
    """Requests so far at a rate that swings."""
    rate = 1 + 0.8 * np.sin(2 * np.pi * (swings * AT + phase))
    return np.cumsum(mean * rate)


def test_rates_that_swing_apart_give_a_column_each() -> None:
    counts = np.column_stack([risen(20, 1.5, 0), risen(10, 1.5, 0.5), risen(10, 2.5, 0.2)])
    assert separable(counts, LEVEL) == ((0,), (1,), (2,))


def test_exact_shares_are_one_group() -> None:
    one = risen(10, 2, 0)
    counts = np.column_stack([np.round(6 * one), np.round(3 * one), np.round(one)])
    assert separable(counts, LEVEL) == ((0, 1, 2),)


def test_one_made_of_two_others_is_joined_with_both() -> None:
    first, second = risen(20, 1.5, 0), risen(20, 1.5, 0.5)
    fourth = risen(20, 2.5, 0.1)
    counts = np.column_stack([first, second, (first + second) / 2, fourth])
    assert separable(counts, LEVEL) == ((0, 1, 2), (3,))


def test_an_endpoint_without_a_request_is_in_no_group() -> None:
    counts = np.column_stack([risen(20, 1.5, 0), np.zeros(BINS), risen(20, 1.5, 0.5)])
    assert separable(counts, LEVEL) == ((0,), (2,))


def test_one_that_rises_as_the_users_do_is_no_column_of_its_own() -> None:
    users = risen(5, 0, 0)
    counts = np.column_stack([users, risen(20, 1.5, 0), risen(20, 1.5, 0.5)])
    groups = separable(counts, np.column_stack([LEVEL, users]))
    assert (0,) not in groups


def test_more_endpoints_than_bins_can_tell_are_joined() -> None:
    rng = np.random.default_rng(1)
    counts = np.cumsum(rng.poisson(rng.uniform(5, 40, (BINS, 150))), axis=0).astype(float)
    groups = separable(counts, LEVEL)
    assert len(groups) <= MOST_COLUMNS
    assert sorted(index for group in groups for index in group) == list(range(150))


def test_joined_groups_stand_in_the_place_of_the_first() -> None:
    assert joined([(0,), (1, 3), (2,)], {1, 2}) == [(0,), (1, 2, 3)]
