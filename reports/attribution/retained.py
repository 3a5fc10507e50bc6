"""What stays of a request: between two rests, and as memory grows under load.

Between rests: the difference of two levels, over the requests in between. Whatever requests borrow
is back by then, but what the first of them cost once is not with each request, and allocators keep
some MiB of what a crowd needed. The growth under load is a second measure: it sees nothing of what
came once, and of slack only what builds up with the requests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot

from reports.attribution.background import Background
from reports.attribution.findings import Estimate
from reports.attribution.levels import Level, resolution
from reports.verdicts.growth import Growth
from reports.verdicts.leak import goes_on

TRIM_FACTOR = 2
"""glibc keeps free memory at the top of its heap up to twice the largest block that was freed:
M_TRIM_THRESHOLD in mallopt(3)."""


@dataclass(frozen=True, slots=True)
class BetweenRests:
    """What two levels say was kept of the requests between them, in bytes.

    `bytes`: the plain difference; `low_bytes` to `high_bytes`: what it can be whatever slack there
    was, `noise_bytes` of it on either side is noise. `back_bytes` came back later. `lasts`: whether
    it can be told from nothing that anything did not.
    """

    bytes: float
    low_bytes: float
    high_bytes: float
    noise_bytes: float
    back_bytes: float
    lasts: bool
    requests: int

    def with_borrowing(self, transient_bytes: float) -> BetweenRests:
        """Of requests that need so much for a moment, of which an allocator may keep some."""
        slack = TRIM_FACTOR * transient_bytes + self.noise_bytes
        return replace(self, low_bytes=min(self.low_bytes, self.bytes - slack))

    @property
    def spread_bytes(self) -> float:
        """How far from the plain difference it can be."""
        return max(self.high_bytes - self.bytes, self.bytes - self.low_bytes)

    @property
    def estimate(self) -> Estimate:
        """Bytes per request, by the rests alone."""
        if not self.lasts or self.low_bytes <= 0:
            return bound_of(max(self.high_bytes, self.noise_bytes), self.bytes, self.requests)
        return estimate_of(self.bytes, (self.low_bytes, self.high_bytes), self.bytes, self.requests)


@dataclass(frozen=True, slots=True)
class Retained:
    """Bytes of each request, and `once_bytes` that came once, at least."""

    each: Estimate
    once_bytes: float = 0.0


def between(before: Level, after: Level, background: Background, requests: int) -> BetweenRests:
    """From two levels; what grows anyway in the time from one to the other is taken out.

    Each level may hold as much slack as the most that was seen, and holds at least what came back
    of it: two bounds on the difference. Noise is added to them, not in quadrature: slack may well
    be all of what it can be.
    """
    idle, most = background.idle, background.slack_bytes
    seconds = after.time - before.time
    noise = hypot(
        resolution(before),
        before.half_bytes,
        after.half_bytes,
        idle.half_bytes_per_second * seconds,
    )
    kept = after.bytes - before.bytes - idle.bytes_per_second * seconds
    return BetweenRests(
        bytes=kept,
        low_bytes=kept - (most - before.back_bytes) - noise,
        high_bytes=kept + (most - after.back_bytes) + noise,
        noise_bytes=noise,
        back_bytes=after.back_bytes,
        lasts=kept - after.back_bytes > noise,
        requests=requests,
    )


def retained_of(rests: BetweenRests, growth: Growth | None, least_bytes: float) -> Retained:
    """Both measures together. `least_bytes` of growth over all requests cannot be told from none.

    Where more stays than goes on, the rest of it came once; else two measures that agree are
    weighed by their precision. Where less stays than grows, either that came back when the users
    left, or it filled free memory first: the figure is between the two. Growth of which nothing
    lasts was slack.
    """
    alone = rests.estimate
    if growth is None or not rests.lasts:
        return Retained(alone)
    upper = growth.upper_bytes_per_request + least_bytes / rests.requests
    by_growth = _by_growth(rests, growth) if goes_on(growth, least_bytes) else None
    if upper * rests.requests < rests.low_bytes:
        each = by_growth or bound_of(upper * rests.requests, rests.bytes, rests.requests)
        return Retained(each, rests.bytes - (each.value or upper) * rests.requests)
    return Retained(_together(rests, by_growth) if by_growth is not None else alone)


def _by_growth(rests: BetweenRests, growth: Growth) -> Estimate | None:
    """What came back may have built up with the requests, or not: between the two."""
    back = rests.back_bytes / rests.requests / 2
    value = growth.bytes_per_request - back
    half = (growth.interval[1] - growth.interval[0]) / 2 + back
    if value <= half:
        return None
    return Estimate(value, (value - half, value + half), None, rests.bytes / rests.requests)


def _together(rests: BetweenRests, growth: Estimate) -> Estimate:
    """By inverse variance; their errors may be the same, so that none is smaller for two."""
    parts = (rests.low_bytes, rests.bytes, rests.high_bytes)
    low, stayed, high = (one / rests.requests for one in parts)
    grown, half, other_half = growth.value or 0.0, (high - low) / 2, growth.half
    if grown + other_half < low:
        return rests.estimate
    if grown - other_half > high:
        low, high = max(0.0, low), grown + other_half
        return Estimate((low + high) / 2, (low, high), None, growth.raw)
    weight, other_weight = (1 / max(one, 1e-9) ** 2 for one in (half, other_half))
    share = weight / (weight + other_weight)
    value = share * stayed + (1 - share) * grown
    below, above = (share * own + (1 - share) * other_half for own in (stayed - low, high - stayed))
    if value <= below:
        return Estimate(None, None, value + above, growth.raw)
    return Estimate(value, (value - below, value + above), None, growth.raw)


def estimate_of(value: float, interval: tuple[float, float], raw: float, requests: int) -> Estimate:
    """From bytes in all."""
    low, high = interval
    return Estimate(value / requests, (low / requests, high / requests), None, raw / requests)


def bound_of(high: float, raw: float, requests: int) -> Estimate:
    """The same where it may be nothing."""
    return Estimate(None, None, high / requests, raw / requests)
