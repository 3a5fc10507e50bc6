"""The check `bounded_cache`: items and bytes of a cache stay below what was promised."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest

from reports.pytest_plugin.bound import CacheBound
from reports.pytest_plugin.measuring import Measurement, Readings
from reports.units import count_text

LEAST_CALLS = 400
TIMES_FULL = 8
"""By default each place of the cache is taken so often: values of any size then even out."""

FULL_FRACTION = 0.95
"""Of the most items that were seen: a cache that drops some at times is full from there on."""

LATEST_FULL = 0.75
"""Of the calls: what is left must show whether bytes grow although items do not."""


def check_bounded_cache(
    fill: Callable[[int], object],
    *,
    size: Callable[[], int],
    max_items: int,
    max_bytes: float,
    calls: int | None = None,
) -> None:
    """Fails when the cache passes a bound or its bytes go on growing; skips when that is open.

    `fill` is called with 0, 1, 2 ...; `size` tells the items held. `max_bytes`: what is in use
    more than before the first call. Raises UsageError for bounds that are not above 0.
    """
    __tracebackhide__ = True
    wanted = max(LEAST_CALLS, TIMES_FULL * max_items) if calls is None else calls
    bound = CacheBound(max_items, max_bytes, wanted)
    sizes = array("d", bytes(8 * bound.calls))
    with Measurement(bound.calls) as measurement:
        for number in measurement.numbered():
            fill(number)
            sizes[number] = items = size()
            if items > max_items:
                pytest.fail(
                    f"holds {count_text(items)} items after call {count_text(number + 1)},"
                    f" allowed {count_text(max_items)}"
                )
    _tell(measurement.readings(), sizes, bound)


def _tell(readings: Readings, sizes: array[float], bound: CacheBound) -> None:
    __tracebackhide__ = True
    from reports.pytest_plugin.held import judge_held  # numpy and scipy: only where needed

    full_at = full_since(sizes)
    if full_at > LATEST_FULL * bound.calls:
        pytest.skip(
            f"cannot tell: the cache was still filling at call {count_text(full_at)} of"
            f" {count_text(bound.calls)} ({count_text(max(sizes))} items, allowed"
            f" {count_text(bound.max_items)}); about {count_text(2 * full_at)} calls would decide"
        )
    judged = judge_held(readings, sizes, full_at, bound)
    if judged.verdict == "leak":
        pytest.fail(judged.reason)
    if judged.verdict == "cannot_tell":
        pytest.skip(judged.reason)


def full_since(sizes: array[float]) -> int:
    """The first call, counted from 1, after which the cache held about all it ever held."""
    most = FULL_FRACTION * max(sizes)
    return next(index for index, items in enumerate(sizes, start=1) if items >= most)
