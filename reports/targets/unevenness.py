"""Which target stands out: the one that leaks among those that do not, the one that grows most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from reports.targets.findings import TargetFigures
from reports.units import MIB, size_text, small_size_text

UNEVEN_FACTOR = 1.5
UNEVEN_BYTES = 20 * MIB
"""A replica stands out when it grows, or weighs, by both more than the others' median."""

LEAST_REPLICAS = 3
NAMES_SHOWN = 5
WORDS = {
    "stable": "stable",
    "cache_fill": "filling up to a plateau",
    "poor_recovery": "not growing on",
    "cannot_tell": "of unknown growth",
    "leak": "leaking",
}


def uneven(targets: Sequence[TargetFigures]) -> tuple[str, ...]:
    """One sentence for each that stands out, without its full stop; empty where they are alike."""
    return (*_leaking(targets), *_apart(targets))


def _leaking(targets: Sequence[TargetFigures]) -> list[str]:
    guilty = [one for one in targets if one.memory == "leak"]
    others = [one for one in targets if one.memory != "leak"]
    if not guilty or not others:
        return []
    return [
        f"{one.name} leaks {small_size_text(one.leak_bytes_per_request)} with each request to the"
        f" service, {_state(others)}"
        for one in guilty[:NAMES_SHOWN]
    ]


def _state(others: Sequence[TargetFigures]) -> str:
    counted = Counter(WORDS[one.memory] for one in others)
    if len(counted) == 1:
        who = "the others are" if len(others) > 1 else f"{others[0].name} is"
        return f"{who} {next(iter(counted))}"
    return "of the others " + ", ".join(f"{n} {word}" for word, n in counted.items())


def _apart(targets: Sequence[TargetFigures]) -> list[str]:
    """Only among replicas: the parts of a service differ by their nature."""
    found = []
    for group in replicas(targets):
        for one in group:
            rest = [other for other in group if other is not one]
            if one.memory == "leak":
                continue
            for what, size, sizes in (
                ("grows under load by", one.growth_bytes, [o.growth_bytes for o in rest]),
                ("has a peak of", one.peak_bytes, [o.peak_bytes for o in rest]),
            ):
                usual = median([known for known in sizes if known is not None] or [0])
                if size is not None and _stands_out(size, usual):
                    found.append(
                        f"{one.name} {what} {size_text(size)}, the others"
                        f" {size_text(int(usual))} (median)"
                    )
                    break
    return found[:NAMES_SHOWN]


def replicas(targets: Sequence[TargetFigures]) -> list[list[TargetFigures]]:
    """Groups of three or more whose names differ in digits alone."""
    groups: dict[str, list[TargetFigures]] = {}
    for one in targets:
        groups.setdefault(re.sub(r"\d+", "", one.name), []).append(one)
    return [group for group in groups.values() if len(group) >= LEAST_REPLICAS]


def _stands_out(size: int, usual: float) -> bool:
    return size > UNEVEN_FACTOR * max(usual, 0.0) and size - usual > UNEVEN_BYTES
