"""Which tiers, seen alone, are worth the time of seeing each of their endpoints alone."""

from __future__ import annotations

from collections.abc import Sequence

from reports.attribution.findings import Alone
from reports.units import size_text, small_size_text

TRANSIENT_BYTES = 4 * 1024 * 1024
TRANSIENT_FRACTION = 0.02
"""A request that needs more than both, absolute and of the level, moves a peak."""


def suspicious(tiers: Sequence[Alone], level: float) -> tuple[tuple[str, str], ...]:
    """(tier, why) of those that retain or borrow more than the noise, the largest first.

    `level`: the target's memory without users, bytes.
    """
    found = []
    least = max(TRANSIENT_BYTES, TRANSIENT_FRACTION * level)
    for tier in tiers:
        reasons = []
        if tier.retained is not None and tier.retained.value is not None:
            kept = small_size_text(tier.retained.value)
            reasons.append(f"{kept} stay with each request")
        if tier.once_bytes:
            reasons.append(f"{size_text(tier.once_bytes)} stay")
        needed = tier.transient.value if tier.transient is not None else None
        if needed is not None and needed > least:
            reasons.append(f"a request needs {size_text(needed)} for a moment")
        hidden = tier.unexplained_bytes
        if hidden > least:
            reasons.append(f"its peak lies {size_text(hidden)} above what one user's requests need")
        if reasons:
            size = tier.kept_bytes + max(needed or 0.0, hidden)
            found.append((size, tier.tier, " and ".join(reasons)))
    return tuple((name, why) for _, name, why in sorted(found, reverse=True))
