"""Objects by type at the end, against before the first phase, summed over the processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reports.inside.findings import Explained, LargeObject, TypeGrowth
from reports.inside.looks import Look

TOP = 20
NOTABLE_BYTES = 1024 * 1024


def type_growth(before: Sequence[Look], after: Sequence[Look]) -> tuple[TypeGrowth, ...]:
    """Those that grew most, then the largest."""
    sizes, then = _sums(after), _sums(before)
    counts: Counter[str] = Counter()
    for look in after:
        counts.update({name: count for name, (count, _) in look.types.items() if count})
    rows = [
        TypeGrowth(name, counts.get(name), size, size - then.get(name, 0) if before else 0)
        for name, size in sizes.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.growth_bytes, -row.size_bytes))[:TOP])


def mostly(types: Sequence[TypeGrowth]) -> str | None:
    """The type that grew most, where it grew by something worth a word."""
    grown = [row for row in types if row.growth_bytes >= NOTABLE_BYTES]
    return max(grown, key=lambda row: row.growth_bytes).type if grown else None


def explained(before: Sequence[Look], after: Sequence[Look]) -> Explained | None:
    """None where the processes told no objects."""
    known = [look.explained_bytes for look in after if look.explained_bytes is not None]
    if not known:
        return None
    resident = [look.rss_bytes for look in after if look.rss_bytes is not None]
    base = sum(look.explained_bytes or 0 for look in before)
    return Explained(
        sum(known),
        sum(resident) if resident else None,
        sum(known) - base if before else 0,
        all(look.complete for look in after),
    )


def largest(after: Sequence[Look]) -> tuple[LargeObject, ...]:
    """The largest single objects of all processes."""
    found = [large for look in after for large in look.large]
    return tuple(sorted(found, key=lambda large: -large.size_bytes)[:TOP])


def heap_growth(before: Sequence[Look], after: Sequence[Look]) -> int | None:
    """V8's heap in use, each time after a collection; None where it was not told twice."""
    ends = [[look.heap_used for look in looks if look.heap_used is not None]
            for looks in (before, after)]  # fmt: skip
    return sum(ends[1]) - sum(ends[0]) if all(ends) else None


def _sums(looks: Sequence[Look]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for look in looks:
        sums.update({name: size for name, (_, size) in look.types.items()})
    return sums
