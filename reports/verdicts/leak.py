"""Is it a leak: growth with the requests, likely, large enough, and still there afterwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reports.findings import Leak, MemoryVerdict, Recovery
from reports.units import count_text, duration_text, size_text, small_size_text
from reports.verdicts.growth import Growth, Points
from reports.verdicts.lives import Suspect
from reports.verdicts.load_level import level_of
from reports.verdicts.staircase import doublings, steps_up
from reports.verdicts.trace import Trace

LEAK_PROBABILITY = 0.85
"""A leak has to be that likely beside growth that ends, and none. On 924 series made for it, 0.75
to 0.9 gave a precision of 0.99 alike, and this the same recall as 0.75.
"""

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

LEAST_SECONDS = 30.0
"""Of settled load: the demo service, as many, warms up for the first 20."""

KEPT_FRACTION = 0.5
"""Of a leak's growth, at its interval's lower end, that has to be there after the load."""

ENDS = 5
"""The parts of the load of which the first and the last are compared."""

TWO_WAVES = "two waves of the same load (PLAN=two-wave)"

LONG_ENOUGH = "a load of two minutes or more"
"""What decides where the load was too short for any verdict on a leak: the default's length."""


def of_the_whole(trace: Trace, whole: Growth, found: tuple[Suspect, ...]) -> MemoryVerdict | None:
    """The whole target's growth, or else that of the most suspicious of its processes."""
    guilty = [suspect for suspect in found if is_leak(suspect.growth, suspect.level, len(found))]
    worst = max(guilty, key=lambda suspect: suspect.growth.bytes_per_request, default=None)
    if is_leak(whole, level_of(trace)):
        found_in = _verdict(trace, whole, worst)
        others = [str(one.pid) for one in guilty if one is not worst and one.pid is not None]
        if not others:
            return found_in
        reason = f"and so does pid {', '.join(others)}"
        return replace(found_in, reasons=(*found_in.reasons, reason))
    return _verdict(trace, worst.growth, worst) if worst is not None else None


def is_leak(found: Growth, level: float, looked_at: int = 1) -> bool:
    """Whether growth goes on: likely enough, large enough to be seen, and no cache's remainder.

    `level` in bytes; `looked_at`: how many processes were tried, each a chance to be fooled
    (Bonferroni).
    """
    return goes_on(found, least_growth(found, level), looked_at)


def goes_on(found: Growth, least_bytes: float, looked_at: int = 1) -> bool:
    """The same for figures whose resolution the caller knows: `least_bytes` over all requests."""
    grown = found.bytes_per_request * found.requests
    least = least_bytes
    if found.saturating_probability > CLEAR_PROBABILITY:
        least = max(least, SHAPE_FRACTION * found.saturating_bytes)
    return found.probability >= 1 - (1 - LEAK_PROBABILITY) / looked_at and grown >= least


def of_the_recycled(trace: Trace, found: tuple[Suspect, ...]) -> MemoryVerdict | None:
    """Where workers are replaced under load their total says nothing, but their lives do."""
    guilty = [suspect for suspect in found if is_leak(suspect.growth, suspect.level, len(found))]
    if not guilty:
        return None
    worst = max(guilty, key=lambda one: one.growth.bytes_per_request * one.at_work)
    return _verdict(trace, of_all_workers(worst.growth, worst.at_work), worst)


def in_steps(trace: Trace, requests: float) -> MemoryVerdict | None:
    """A list that doubles, a buffer per batch: growth in jumps, none of which comes back.

    `requests`: of the settled load. Where nothing moves but single pages, they make steps, too.
    """
    stairs = steps_up(trace) or doublings(trace)
    if stairs is None or stairs.bytes_per_request * requests < resolution_at(level_of(trace)):
        return None
    leak = leak_figures(trace, stairs.bytes_per_request, stairs.interval, None)
    reason = (
        f"memory rose in {stairs.steps} steps and fell in none:"
        f" {small_size_text(stairs.bytes_per_request)} with each request on average"
    )
    return MemoryVerdict("leak", (reason,), leak, certainty=1 - 0.5**stairs.steps)


def too_short(found: MemoryVerdict, seconds: float) -> MemoryVerdict | None:
    """A leak in so short a settled load may as well be the warm-up."""
    if found.verdict != "leak" or found.leak is None or seconds >= LEAST_SECONDS:
        return None
    reason = (
        f"memory grows by {small_size_text(found.leak.bytes_per_request)} with each request, but in"
        f" {duration_text(seconds)} of settled load a warm-up looks the same"
    )
    return MemoryVerdict("cannot_tell", (reason,), would_decide=LONG_ENOUGH)


def came_back(found: MemoryVerdict, recovery: Recovery, requests: float) -> MemoryVerdict | None:
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


def not_there(found: MemoryVerdict, points: Points | None) -> MemoryVerdict | None:
    """What leaked is there at the end of the load: growth between falls of which less than half is.

    Judged by the medians of the load's first and last fifth, and the growth's lower end, of which
    four fifths lie between their middles.
    """
    leak = found.leak
    if leak is None or leak.pid is not None or leak.bytes_per_request_ci95 is None:
        return None
    if points is None or len(np.unique(points.group)) > 1:
        return None
    ends = len(points.bytes) // ENDS
    if not ends:
        return None
    rise = float(np.median(points.bytes[-ends:]) - np.median(points.bytes[:ends]))
    span = float(np.ptp(points.requests)) * (1 - 1 / ENDS)
    grown = leak.bytes_per_request_ci95[0] * span
    if rise >= KEPT_FRACTION * grown:
        return None
    reason = (
        f"between its falls memory grew by at least {size_text(grown)}, but at the end of the load"
        f" it stood {size_text(max(0.0, rise))} higher than at its start"
    )
    return MemoryVerdict("cannot_tell", (reason,), would_decide=f"a longer load, or {TWO_WAVES}")


def least_growth(found: Growth, level: float) -> float:
    """Growth over the load, bytes, below which nothing is called a leak."""
    return max(resolution_at(level), found.resolution_bytes)


def resolution_at(level: float) -> float:
    """Growth, bytes, that cannot be told from none at so much memory (bytes)."""
    return max(RESOLUTION_BYTES, RESOLUTION_FRACTION * level)


def of_all_workers(found: Growth, workers: float) -> Growth:
    """Per request to the whole target: so many workers grow by this much for one request."""
    low, high = found.interval
    return replace(
        found,
        bytes_per_request=found.bytes_per_request * workers,
        interval=(low * workers, high * workers),
        upper_bytes_per_request=found.upper_bytes_per_request * workers,
    )


def _verdict(trace: Trace, found: Growth, suspect: Suspect | None) -> MemoryVerdict:
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
