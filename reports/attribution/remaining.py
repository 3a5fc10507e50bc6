"""What is left of a tier when those of its endpoints that were seen alone are taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import hypot

from reports.attribution.findings import Alone
from reports.attribution.retained import bound_of, estimate_of


def shown_of(tiers: Sequence[Alone], endpoints: Sequence[Alone]) -> tuple[Alone, ...]:
    """Whom a report speaks of: endpoints seen alone, and what is left of the tiers."""
    return (*endpoints, *remaining(tiers, endpoints))


def remaining(tiers: Sequence[Alone], endpoints: Sequence[Alone]) -> tuple[Alone, ...]:
    """Tiers of which no endpoint was seen alone, and the rest of those of which some were."""
    found = [_rest_of(tier, endpoints) for tier in tiers]
    return tuple(one for one in found if one is not None)


def _name(tier: str, left: Sequence[str]) -> str:
    """Whom it is, where nobody else is left."""
    return left[0] if len(left) == 1 else f"the rest of tier {tier}"


def _rest_of(tier: Alone, endpoints: Sequence[Alone]) -> Alone | None:
    """None where all of its endpoints were seen alone."""
    seen = {one.endpoint: one for one in endpoints if one.endpoint is not None}
    left = tuple((name, count) for name, count in tier.of_endpoint if name not in seen)
    if len(left) == len(tier.of_endpoint):
        return tier
    if not left:
        return None
    taken = [(seen[name], count) for name, count in tier.of_endpoint if name in seen]
    names = [name for name, _ in left]
    requests = sum(count for _, count in left)
    kept, retained = tier.kept_bytes, None
    if tier.retained is not None and all(one.retained is not None for one, _ in taken):
        parts = [(one.retained, count) for one, count in taken if one.retained is not None]
        kept = (tier.retained.value or 0.0) * tier.requests
        kept -= sum((each.value or 0.0) * count for each, count in parts)
        halves = [each.half * count for each, count in parts]
        half = hypot(tier.retained.half * tier.requests, *halves)
        interval = (kept - half, max(0.0, kept) + half)
        retained = (
            estimate_of(kept, interval, kept, requests)
            if kept > half
            else bound_of(interval[1], kept, requests)
        )
    return replace(
        tier,
        name=_name(tier.tier, names),
        requests=requests,
        of_endpoint=left,
        failed=tuple((name, count) for name, count in tier.failed if name in names),
        retained=retained,
        # The largest request of the tier may have been one of those that were taken out.
        transient=None,
        kept_bytes=kept,
        once_bytes=0.0,
        high_water_bytes=None,
        at_once=None,
        unexplained_bytes=0.0,
        remainder=True,
    )
