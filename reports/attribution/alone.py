"""One part of an attribution run -> what its requests retain and what they need for a moment."""

from __future__ import annotations

from dataclasses import replace

from reports.attribution.background import Background, Idle
from reports.attribution.findings import Alone, Estimate
from reports.attribution.levels import Rests, resolution
from reports.attribution.parts import Part, failures_of, requests_of
from reports.attribution.retained import Retained, between, retained_of
from reports.attribution.transient import transient_of
from reports.peaks import highest
from reports.verdicts.growth import Growth
from reports.verdicts.points import load_points, settled_seconds
from reports.verdicts.trace import Trace
from reports.verdicts.views import sharpest_growth

LEAST_SECONDS = 8.0
"""Of settled load, for its growth to be a measure: each endpoint was warm before."""

MOST_FAILURES = 0.5
"""Share of the requests: with more, what was measured is the failing of the endpoint."""


def alone(levels: Rests, trace: Trace, part: Part, background: Background) -> Alone | None:
    """None without a level before and after; what grows anyway is taken out of what was kept."""
    run, before, after = levels.run, levels.level(part.before), levels.level(part.rest)
    if before is None or after is None or not part.is_whole:
        return None
    counts, failed = requests_of(part.phases), failures_of(part.phases)
    rests = between(before, after, background, sum(counts.values()))
    peaks = [peak for phase in part.phases if (peak := highest(run, phase)) is not None]
    rise = round(max(peaks) - before.bytes) if peaks else None
    retained, transient = None, None
    if sum(failed.values()) < MOST_FAILURES * rests.requests:
        transient = transient_of(run, part, before, rests.bytes, rests.requests)
        borrowed = transient.value if transient and transient.value else 0.0
        growth = growth_in(trace, part.crowd.window.name, background.idle)
        retained = retained_of(rests.with_borrowing(borrowed), growth, resolution(before))
    return Alone(
        name=part.endpoint or f"tier {part.tier}",
        tier=part.tier,
        endpoint=part.endpoint,
        requests=rests.requests,
        of_endpoint=tuple(sorted(counts.items())),
        failed=tuple(sorted(failed.items())),
        single_user=tuple(sorted(requests_of((part.single,)).items())) if part.single else (),
        seconds=part.seconds,
        retained=retained.each if retained else None,
        transient=transient,
        kept_bytes=rests.bytes,
        once_bytes=_once(retained),
        high_water_bytes=rise,
        at_once=_at_once(rise, rests.bytes, transient),
        unexplained_bytes=_unexplained(rise, rests.bytes, transient, part.crowd.users),
    )


def _once(retained: Retained | None) -> float:
    return retained.once_bytes if retained else 0.0


def growth_in(trace: Trace, name: str, idle: Idle) -> Growth | None:
    """How memory grows with the requests of one phase; None where that is too short to say.

    What grows anyway is taken out: bytes per second, over the requests of a second.
    """
    chosen = tuple(replace(stage, is_load=True) for stage in trace.stages if stage.name == name)
    own = replace(trace, stages=chosen)
    seconds = settled_seconds(own.load)
    if seconds < LEAST_SECONDS:
        return None
    points = load_points(own)
    found = sharpest_growth(points) if points is not None else None
    if found is None or not found.requests:
        return found
    each, half = (
        one * seconds / found.requests
        for one in (idle.bytes_per_second, idle.half_bytes_per_second)
    )
    low, high = found.interval
    return replace(
        found,
        bytes_per_request=found.bytes_per_request - each,
        interval=(low - each - half, high - each + half),
        upper_bytes_per_request=max(0.0, found.upper_bytes_per_request - each) + half,
    )


def _unexplained(
    rise: int | None, kept: float, transient: Estimate | None, users: int | None
) -> float:
    """What the highest mark holds beyond one such request of each user; bytes.

    Requests of which one user got too few answers, or that only many at once make large.
    """
    if rise is None or users is None:
        return 0.0
    needed = transient.upper * users if transient is not None else 0.0
    return max(0.0, rise - max(0.0, kept) - needed)


def _at_once(rise: int | None, kept: float, transient: Estimate | None) -> float | None:
    """How many requests of that size the highest mark holds."""
    if rise is None or transient is None or not transient.value:
        return None
    return max(1.0, (rise - max(0.0, kept)) / transient.value)
