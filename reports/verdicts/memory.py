"""Leak, cache that fills, stable, poor recovery, or honestly: cannot tell.

What separates the classes is evidence, not a size: `growth` gives the probability that memory goes
on growing with the requests, beside shapes that end. The whole target is judged, and, where there
are several, each process and each kind of short-lived worker, so that a leak in one of them, or one
that recycling hides, is found.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from reports.findings import Leak, MemoryVerdict, Plateau, Recovery
from reports.units import count_text, duration_text, percent, size_text, small_size_text
from reports.verdicts.growth import Growth
from reports.verdicts.lives import Suspect, suspects
from reports.verdicts.points import despiked, load_points, settled_seconds
from reports.verdicts.staircase import steps_up
from reports.verdicts.teeth import usual_fall
from reports.verdicts.thresholds import Thresholds
from reports.verdicts.trace import Trace
from reports.verdicts.views import sharpest_growth

LEAK_PROBABILITY = 0.9
"""A leak has to be nine times as likely as growth that ends, or none."""

CLEAR_PROBABILITY = 0.5
"""Below it, growth that goes on is the less likely story."""

RESOLUTION_BYTES = 1024 * 1024
"""Growth over the load that is never called a leak: one arena of Python's allocator (1 MiB since
3.10). Runs of the demo service without a leak creep by 0.2 to 0.8 MiB in two minutes.
"""

RESOLUTION_FRACTION = 0.003
"""The same, of the level: page by page, the larger process creeps more."""

SHAPE_FRACTION = 0.1
"""A real cache fills in no textbook's shape: a leak below this share of it may be its remainder."""

TOLERANCE_FRACTION = 0.1
"""Growth over the load that even the upper bound must stay under, of the level, to be stable."""

WARM_UP_FRACTION = 0.3
"""Growth that ends earlier in the load is a warm-up, and left out."""

KEPT_FRACTION = 0.5
"""Of a leak's growth, at its interval's lower end, that has to be there after the load."""

TWO_WAVES = "two waves of the same load (PLAN=two-wave)"

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
    warm, whole = _after_warm_up(trace)
    if whole is None:
        reason = "too few samples or requests under load"
        return MemoryVerdict("cannot_tell", (reason,), would_decide="a load of two minutes or more")
    found = suspects(trace)
    recycled = [suspect for suspect in found if suspect.lives > 1]
    if recycled:
        worst = _worst(recycled)
        verdict = _of_the_recycled(trace, found, worst) or _not_growing(
            trace, worst, recovery, thresholds
        )
        return replace(verdict, upper_bytes_per_request=worst.upper_bytes_per_request)
    verdict = (
        _steps(trace)
        or _leak(trace, whole, found)
        or _cache(trace, whole)
        or _undecided(trace, whole)
        or _not_growing(trace, whole, recovery, thresholds)
    )
    verdict = _came_back(verdict, recovery, whole.requests) or verdict
    return replace(
        verdict, warm_up_seconds=warm, upper_bytes_per_request=whole.upper_bytes_per_request
    )


def _of_the_recycled(
    trace: Trace, found: tuple[Suspect, ...], likeliest: Growth
) -> MemoryVerdict | None:
    """Workers are replaced under load: their total says nothing, their lives do.

    What warms up in every life is no cache of the whole.
    """
    guilty = [suspect for suspect in found if is_leak(suspect.growth, suspect.level, len(found))]
    if guilty:
        worst = max(guilty, key=lambda one: one.growth.bytes_per_request * one.side_by_side)
        return _leak_verdict(trace, _scaled(worst.growth, worst.side_by_side), worst)
    return _undecided(trace, likeliest)


def _worst(recycled: list[Suspect]) -> Growth:
    """The lives that may grow most, per request to the whole target."""
    worst = max(recycled, key=lambda one: one.growth.upper_bytes_per_request * one.side_by_side)
    return _scaled(worst.growth, worst.side_by_side)


def _not_growing(
    trace: Trace, judged: Growth, recovery: Recovery, thresholds: Thresholds
) -> MemoryVerdict:
    return _poor_recovery(trace, recovery, thresholds) or _stable(trace, judged)


def _after_warm_up(trace: Trace) -> tuple[float, Growth | None]:
    """The growth under settled load, without the part in which memory first rose and then stood."""
    points = load_points(trace)
    whole = sharpest_growth(points) if points is not None else None
    if points is None or whole is None or whole.saturating_probability < CLEAR_PROBABILITY:
        return 0.0, whole
    if whole.plateau_requests > WARM_UP_FRACTION * whole.requests:
        return 0.0, whole
    until = points.requests.min() + whole.plateau_requests
    share = float(np.mean(points.requests < until))
    skip = share * settled_seconds(trace.load)
    left = load_points(trace, skip_seconds=skip)
    again = sharpest_growth(left) if left is not None else None
    return (skip, again) if again is not None else (0.0, whole)


def _came_back(found: MemoryVerdict, recovery: Recovery, requests: float) -> MemoryVerdict | None:
    """What leaked stays: growth of which less than half is there after the load was none."""
    leak = found.leak
    if leak is None or leak.bytes_per_request_ci95 is None or recovery.retained_bytes is None:
        return None
    grown = leak.bytes_per_request_ci95[0] * requests
    if recovery.retained_bytes >= KEPT_FRACTION * grown:
        return None
    reason = (
        f"memory grew by at least {size_text(grown)} under load, but only"
        f" {size_text(recovery.retained_bytes)} stay after it: no leak, and yet no end was seen"
    )
    return MemoryVerdict("cannot_tell", (reason,), would_decide=f"a longer load, or {TWO_WAVES}")


def _leak(trace: Trace, whole: Growth, found: tuple[Suspect, ...]) -> MemoryVerdict | None:
    """The whole target's growth, or else that of the most suspicious of its processes."""
    guilty = [suspect for suspect in found if is_leak(suspect.growth, suspect.level, len(found))]
    worst = max(guilty, key=lambda suspect: suspect.growth.bytes_per_request, default=None)
    if is_leak(whole, _level(trace)):
        return _leak_verdict(trace, whole, worst)
    return _leak_verdict(trace, worst.growth, worst) if worst is not None else None


def is_leak(found: Growth, level: float, looked_at: int = 1) -> bool:
    """Whether growth goes on: likely enough, large enough to be seen, and no cache's remainder.

    `level` in bytes; `looked_at`: how many processes were tried, each a chance to be fooled
    (Bonferroni).
    """
    grown = found.bytes_per_request * found.requests
    least = _least(found, level)
    if found.saturating_probability > CLEAR_PROBABILITY:
        least = max(least, SHAPE_FRACTION * found.saturating_bytes)
    return found.probability >= 1 - (1 - LEAK_PROBABILITY) / looked_at and grown >= least


def _least(found: Growth, level: float) -> float:
    """Growth over the load, bytes, below which nothing is called a leak."""
    return max(RESOLUTION_BYTES, RESOLUTION_FRACTION * level, found.resolution_bytes)


def _scaled(found: Growth, workers: float) -> Growth:
    """Per request to the whole target: each of the workers grows by this much for one request."""
    low, high = found.interval
    return replace(
        found,
        bytes_per_request=found.bytes_per_request * workers,
        interval=(low * workers, high * workers),
        upper_bytes_per_request=found.upper_bytes_per_request * workers,
    )


def _leak_verdict(trace: Trace, found: Growth, suspect: Suspect | None) -> MemoryVerdict:
    leak = leak_figures(trace, found.bytes_per_request, found.interval, suspect)
    low, high = (small_size_text(value) for value in found.interval)
    reasons = [
        f"memory grows by {small_size_text(found.bytes_per_request)} with each request"
        f" (95 % interval {low} to {high}) over {count_text(round(found.requests))} requests"
    ]
    if suspect is not None:
        reasons.append(suspect.told)
    if leak.seconds_to_limit is not None:
        reasons.append(
            f"at this rate the limit is reached in {duration_text(leak.seconds_to_limit)}"
        )
    return MemoryVerdict("leak", tuple(reasons), leak, certainty=found.probability)


def leak_figures(
    trace: Trace, rate: float, interval: tuple[float, float], suspect: Suspect | None
) -> Leak:
    """Bytes per request in bytes per hour, and how far the limit is at the measured rate."""
    per_second, limit = trace.rate(), trace.limit_bytes
    top = float(np.nanmax(trace.memory))
    room = None if limit is None or limit <= top else limit - top
    requests = None if room is None or rate <= 0 else room / rate
    return Leak(
        bytes_per_request=rate,
        bytes_per_request_ci95=interval,
        bytes_per_hour=None if per_second is None else rate * per_second * 3600,
        seconds_to_limit=None if requests is None or per_second is None else requests / per_second,
        requests_to_limit=requests,
        pid=suspect.pid if suspect else None,
        process=suspect.name if suspect else None,
    )


def _steps(trace: Trace) -> MemoryVerdict | None:
    """A list that doubles, a buffer per batch: growth in jumps, none of which comes back."""
    stairs = steps_up(trace)
    if stairs is None:
        return None
    leak = leak_figures(trace, stairs.bytes_per_request, stairs.interval, None)
    reason = (
        f"memory rose in {stairs.steps} steps and fell in none:"
        f" {small_size_text(stairs.bytes_per_request)} with each request on average"
    )
    return MemoryVerdict("leak", (reason,), leak, certainty=1 - 0.5**stairs.steps)


def _cache(trace: Trace, whole: Growth) -> MemoryVerdict | None:
    level = _level(trace)
    if whole.saturating_probability < SATURATING_PROBABILITY or whole.saturating_bytes < max(
        CACHE_BYTES, CACHE_FRACTION * level
    ):
        return None
    rate, requests = trace.rate(), whole.plateau_requests
    plateau = Plateau(
        bytes=round(_last_level(trace) + whole.plateau_bytes - whole.saturating_bytes),
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
    level = _level(trace)
    if whole.climbed_bytes > TOLERANCE_FRACTION * level:
        reason = f"memory rose by {size_text(whole.climbed_bytes)} in jumps and fell in none"
        return MemoryVerdict("cannot_tell", (reason,), would_decide=TWO_WAVES)
    may_grow = whole.upper_bytes_per_request * whole.requests
    least = _least(whole, level)
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
    inside = _under_settled_load(trace)
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


def _last_level(trace: Trace) -> float:
    """Median of the load's last tenth, bytes."""
    last = trace.load[-1]
    from_here = last.end - 0.1 * (last.end - last.settled)
    inside = (trace.time >= from_here) & (trace.time < last.end)
    return float(np.nanmedian(trace.memory[inside])) if inside.any() else _level(trace)


def _level(trace: Trace) -> float:
    """Median of the memory under load, bytes."""
    inside = _under_settled_load(trace)
    return float(np.median(trace.memory[inside])) if inside.any() else 0.0


def _under_settled_load(trace: Trace) -> NDArray[np.bool_]:
    inside = np.zeros(len(trace.time), dtype=bool)
    for stage in trace.load:
        inside |= (trace.time >= stage.settled) & (trace.time < stage.end)
    return inside & ~np.isnan(trace.memory)
