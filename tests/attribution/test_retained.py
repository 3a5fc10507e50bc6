"""Two measures of what stays of a request, made to agree and to differ."""

from __future__ import annotations

import pytest

from reports.attribution.retained import BetweenRests, retained_of
from reports.verdicts.growth import Growth

MIB = 1024 * 1024
REQUESTS = 500
NO_NOISE = 0.0


def rests_say(middle: float, half: float, *, back: float = 0.0, lasts: bool = True) -> BetweenRests:
    """Bytes per request, over REQUESTS of them."""
    kept, noise = middle * REQUESTS, half * REQUESTS
    low, high = kept - noise, kept + noise
    return BetweenRests(kept, low, high, noise, back * REQUESTS, lasts, REQUESTS)


def growth_says(low: float, high: float, probability: float = 1.0) -> Growth:
    """Between these two, bytes per request."""
    middle = (low + high) / 2
    return Growth(middle, (low, high), probability, high, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 500.0)


def test_two_measures_that_agree_are_weighed_by_their_precision() -> None:
    found = retained_of(rests_say(24_000, 4_000), growth_says(19_000, 22_000), NO_NOISE)
    assert found.each.value == pytest.approx(20_932, rel=0.01)
    assert found.once_bytes == 0.0


def test_what_stays_beyond_what_goes_on_came_once() -> None:
    found = retained_of(rests_say(40_000, 4_000), growth_says(19_000, 21_000), NO_NOISE)
    assert found.each.value == pytest.approx(20_000)
    # What is told adds up to what was kept.
    assert found.once_bytes == pytest.approx(20_000 * REQUESTS)


def test_growth_that_is_unsure_does_not_move_what_the_rests_say() -> None:
    rests = rests_say(24_000, 4_000)
    for growth in (growth_says(1_000, 90_000, 0.5), None):
        assert retained_of(rests, growth, NO_NOISE).each.interval == (20_000, 28_000)


def test_growth_that_is_shown_is_found_where_the_rests_are_too_noisy_to_tell() -> None:
    found = retained_of(rests_say(18_000, 30_000), growth_says(19_000, 21_000), NO_NOISE)
    assert found.each.value == pytest.approx(20_000, rel=0.01)


def test_what_may_be_nothing_by_both_measures_together_is_a_bound() -> None:
    rests = BetweenRests(10.0, -2.0, 22.0, 2.0, 0.0, True, 1)
    found = retained_of(rests, growth_says(1.0, 19.0), NO_NOISE)
    assert found.each.value is None
    assert found.each.below is not None and found.each.below > 19


def test_a_bound_is_never_tighter_than_what_can_be_told_apart() -> None:
    jump = rests_say(40 * MIB / REQUESTS, 1 * MIB / REQUESTS)
    found = retained_of(jump, growth_says(0, 100, 0.1), 1 * MIB)
    assert found.each.value is None
    assert found.each.below is not None and found.each.below * REQUESTS >= 1 * MIB
    assert found.once_bytes == pytest.approx(40 * MIB - found.each.below * REQUESTS)


def test_where_more_grows_than_stays_the_figure_is_between_the_two() -> None:
    # It may have come back when the users left; or the first of it filled what was free.
    rests = rests_say(4_500, 600)
    found = retained_of(rests, growth_says(20_000, 28_000), NO_NOISE)
    assert found.each.interval == (3_900, 28_000)


def test_an_allocator_may_keep_twice_of_what_a_request_borrows() -> None:
    # 20 MiB stay behind requests that borrow 20 MiB each: a block at the top of the heap.
    rests = rests_say(20 * MIB / REQUESTS, 1 * MIB / REQUESTS).with_borrowing(20 * MIB)
    found = retained_of(rests, None, NO_NOISE)
    assert found.each.value is None
    assert found.each.below == pytest.approx(21 * MIB / REQUESTS)
    more = rests_say(50 * MIB / REQUESTS, 1 * MIB / REQUESTS).with_borrowing(20 * MIB)
    interval = retained_of(more, None, NO_NOISE).each.interval
    assert interval == pytest.approx((9 * MIB / REQUESTS, 51 * MIB / REQUESTS))


def test_growth_tells_what_is_kept_of_requests_that_borrow() -> None:
    rests = rests_say(20_000, 500).with_borrowing(20 * MIB)
    found = retained_of(rests, growth_says(19_000, 21_000), NO_NOISE)
    assert found.each.value == pytest.approx(20_000, rel=0.05)


def test_growth_that_came_back_was_not_kept() -> None:
    gone = rests_say(6_000, 6_500, back=6_000, lasts=False)
    assert retained_of(gone, growth_says(5_800, 6_200), NO_NOISE).each.value is None
    half = rests_say(12_000, 4_000, back=6_000)
    found = retained_of(half, growth_says(11_800, 12_200), NO_NOISE).each.interval
    assert found is not None
    assert found[0] < 8_000
