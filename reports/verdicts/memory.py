"""Leak, cache that fills, stable, poor recovery, or honestly: cannot tell.

What separates the classes is evidence, not a size: `growth` gives the probability that memory goes
on growing with the requests, beside shapes that end. The whole target is judged, and, where there
are several, each process and each kind of short-lived worker, so that a leak in one of them, or one
that recycling hides, is found.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reports.findings import MemoryVerdict, Plateau, Recovery
from reports.units import count_text, duration_text, percent, size_text, small_size_text
from reports.verdicts.growth import Growth, Points
from reports.verdicts.leak import (
    CLEAR_PROBABILITY,
    LEAST_SECONDS,
    LONG_ENOUGH,
    TWO_WAVES,
    came_back,
    in_steps,
    least_growth,
    not_there,
    of_all_workers,
    of_the_recycled,
    of_the_whole,
    too_short,
)
from reports.verdicts.lives import Suspect, suspects
from reports.verdicts.load_level import last_level_of, level_of, under_settled_load
from reports.verdicts.points import despiked, load_points, settled_seconds
from reports.verdicts.teeth import usual_fall
from reports.verdicts.thresholds import Thresholds
from reports.verdicts.trace import Trace
from reports.verdicts.views import sharpest_growth

TOLERANCE_FRACTION = 0.1
"""Growth over the load that even the upper bound must stay under, of the level, to be stable."""

WARM_UP_FRACTION = 0.3
"""Growth that ends earlier in the load is a warm-up, and left out."""

WIDER = 3.0

GRADUAL_FRACTION = 0.1
"""Of the load's requests: what is there sooner came at once."""

MOST = 0.5

SATURATING_PROBABILITY = 0.8
CACHE_BYTES = 4 * 1024 * 1024
CACHE_FRACTION = 0.05
"""A cache is named when its part is larger than both: of absolute size, and of the level."""


def memory_verdict(
    trace: Trace, recovery: Recovery, doubts: tuple[str, ...], thresholds: Thresholds
) -> MemoryVerdict:
    """Judge one run. `doubts` (generator saturated, failures, samples missing) forbid a verdict."""
    if doubts:
        return MemoryVerdict("cannot_tell", doubts, would_decide="the same run without that")
    points = load_points(trace)
    before, warm, whole = _after_warm_up(trace, points)
    if whole is None or before is None:
        reason = "too few samples or requests under load"
        return MemoryVerdict("cannot_tell", (reason,), would_decide=LONG_ENOUGH)
    found = suspects(trace)
    recycled = [suspect for suspect in found if suspect.lives > 1]
    if recycled:
        worst = _worst(recycled)
        verdict = (
            of_the_recycled(trace, found)
            # What warms up in every life is no cache of the whole.
            or _undecided(trace, worst)
            or _not_growing(trace, worst, recovery, thresholds)
        )
        verdict = too_short(verdict, settled_seconds(trace.load)) or verdict
        return replace(verdict, upper_bytes_per_request=worst.upper_bytes_per_request)
    verdict = (
        in_steps(trace, whole.requests)
        or of_the_whole(trace, whole, found)
        or _cache(trace, whole)
        or _undecided(trace, whole)
        or (_filled_early(trace, before, recovery, thresholds) if warm else None)
        or _not_growing(trace, whole, recovery, thresholds)
    )
    verdict = (
        not_there(verdict, points)
        or came_back(verdict, recovery, whole.requests)
        or too_short(verdict, settled_seconds(trace.load))
        or verdict
    )
    return replace(
        verdict, warm_up_seconds=warm, upper_bytes_per_request=whole.upper_bytes_per_request
    )


def _worst(recycled: list[Suspect]) -> Growth:
    """The lives that may grow most, per request to the whole target."""
    worst = max(recycled, key=lambda one: one.growth.upper_bytes_per_request * one.side_by_side)
    return of_all_workers(worst.growth, worst.side_by_side)


def _not_growing(
    trace: Trace, judged: Growth, recovery: Recovery, thresholds: Thresholds
) -> MemoryVerdict:
    return _poor_recovery(trace, recovery, thresholds) or _stable(trace, judged)


def _after_warm_up(
    trace: Trace, points: Points | None
) -> tuple[Growth | None, float, Growth | None]:
    """The growth under settled load; the seconds in which memory first rose and then stood; and the
    growth without them.
    """
    whole = sharpest_growth(points) if points is not None else None
    if points is None or whole is None or whole.saturating_probability < CLEAR_PROBABILITY:
        return whole, 0.0, whole
    if whole.plateau_requests > WARM_UP_FRACTION * whole.requests:
        return whole, 0.0, whole
    until = points.requests.min() + whole.plateau_requests
    share = float(np.mean(points.requests < until))
    skip = share * settled_seconds(trace.load)
    left = load_points(trace, skip_seconds=skip)
    again = sharpest_growth(left) if left is not None else None
    if again is None or _much_wider(again, whole):
        # So much was left out that less is known than with the warm-up as one of the shapes.
        return whole, 0.0, whole
    return whole, skip, again


def _much_wider(found: Growth, than: Growth) -> bool:
    widths = [one.interval[1] - one.interval[0] for one in (found, than)]
    return widths[0] > WIDER * widths[1]


def _filled_early(
    trace: Trace, before: Growth, recovery: Recovery, thresholds: Thresholds
) -> MemoryVerdict | None:
    """Much stays after the load, and most of it had filled up bit by bit: a cache, early full."""
    if _poor_recovery(trace, recovery, thresholds) is None or recovery.retained_bytes is None:
        return None
    if before.plateau_requests < GRADUAL_FRACTION * before.requests:
        return None
    if before.saturating_bytes < MOST * recovery.retained_bytes:
        return None
    return _cache(trace, before)


def _cache(trace: Trace, whole: Growth) -> MemoryVerdict | None:
    level = level_of(trace)
    if whole.saturating_probability < SATURATING_PROBABILITY or whole.saturating_bytes < max(
        CACHE_BYTES, CACHE_FRACTION * level
    ):
        return None
    rate, requests = trace.rate(), whole.plateau_requests
    plateau = Plateau(
        bytes=round(last_level_of(trace) + whole.plateau_bytes - whole.saturating_bytes),
        requests=requests,
        seconds=None if rate is None else requests / rate,
    )
    when = "was reached" if requests <= whole.requests else "is expected"
    reason = (
        f"memory grew by {size_text(whole.saturating_bytes)} and levels off: its plateau"
        f" {when} after {count_text(round(requests))} requests"
    )
    return MemoryVerdict(
        "cache_fill", (reason,), plateau=plateau, certainty=whole.saturating_probability
    )


def _undecided(trace: Trace, whole: Growth) -> MemoryVerdict | None:
    """Growth is neither shown nor excluded."""
    level = level_of(trace)
    if whole.climbed_bytes > TOLERANCE_FRACTION * level:
        reason = f"memory rose by {size_text(whole.climbed_bytes)} in jumps and fell in none"
        return MemoryVerdict("cannot_tell", (reason,), would_decide=TWO_WAVES)
    may_grow = whole.upper_bytes_per_request * whole.requests
    least = least_growth(whole, level)
    likely = whole.probability > CLEAR_PROBABILITY and (
        whole.bytes_per_request * whole.requests >= least
    )
    if not likely and may_grow <= max(TOLERANCE_FRACTION * level, least):
        return None
    seconds = needed_seconds(trace, whole)
    reason = (
        f"growth of up to {small_size_text(whole.upper_bytes_per_request)} with each request can"
        f" be neither shown nor excluded (probability {percent(whole.probability)})"
    )
    # No load shorter than that is told a leak, however narrow its interval.
    decides = LONG_ENOUGH
    if seconds >= LEAST_SECONDS:
        decides = f"a load of about {duration_text(seconds)}"
    if whole.saturating_probability > 1 - SATURATING_PROBABILITY:
        decides = f"{TWO_WAVES}, or {decides}"
    return MemoryVerdict("cannot_tell", (reason,), would_decide=decides)


def needed_seconds(trace: Trace, whole: Growth) -> float:
    """The load's length at which the interval would be half as wide as the growth it is about.

    The error of a slope falls with the 1.5th power of the length where noise keeps its character
    (ordinary least squares on evenly spaced points).
    """
    low, high = whole.interval
    wanted = max(whole.bytes_per_request, 1e-9)
    factor = min(20.0, max(1.5, float(((high - low) / wanted) ** (2 / 3))))
    return factor * settled_seconds(trace.load)


def _poor_recovery(
    trace: Trace, recovery: Recovery, thresholds: Thresholds
) -> MemoryVerdict | None:
    retained, released = recovery.retained_bytes, recovery.released_fraction
    if retained is None or released is None:
        return None
    # Garbage that waits for the next collection is not kept.
    if (
        retained - _uncollected(trace) < thresholds.growth_warning_bytes
        or released >= thresholds.released_fraction
    ):
        return None
    reason = (
        f"memory does not grow on, but {size_text(retained)} of what the load needed"
        f" ({percent(1 - released)}) stay after it"
    )
    return MemoryVerdict("poor_recovery", (reason,), certainty=None)


def _uncollected(trace: Trace) -> float:
    """What a collection usually frees, bytes."""
    inside = under_settled_load(trace)
    return usual_fall(trace.time[inside], despiked(trace.time[inside], trace.memory[inside]))


def _stable(trace: Trace, whole: Growth) -> MemoryVerdict:
    bound = small_size_text(whole.upper_bytes_per_request)
    reason = (
        f"no growth that goes on: at most {bound} with each request"
        f" over {count_text(round(whole.requests))} requests (97.5 % sure)"
    )
    if not np.any(np.diff(trace.memory) != 0):
        reason = "memory did not change at all under load"
    return MemoryVerdict("stable", (reason,), certainty=1 - whole.probability)
