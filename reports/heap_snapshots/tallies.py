"""The figures of each constructor over the snapshots of one process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reports.heap_snapshots.naming import Constructor
from reports.heap_snapshots.owning import NOBODY, owners
from reports.heap_snapshots.sections import Integers
from reports.heap_snapshots.snapshot import Indices, Snapshot


@dataclass(frozen=True, slots=True)
class Tally:
    """One constructor: the fields are those of ConstructorGrowth."""

    constructor: Constructor
    count_before: int
    count_after: int
    added: int
    kept: int
    kept_bytes: int
    held_bytes: int


def tallies_of(
    before: Snapshot, middle: Snapshot, after: Snapshot, new: Integers
) -> tuple[Tally, ...]:
    """One for each constructor of `after`; `new` are the ids that `middle` has and `before` not."""
    kept = np.isin(after.ids, new)
    owner = owners(after, kept)
    owned = owner != NOBODY
    count_before = _by_name(before, before.label_of)
    added = _by_name(middle, middle.label_of[np.isin(middle.ids, new)])
    columns = zip(
        after.constructors,
        _sums(after, after.label_of),
        _sums(after, after.label_of[kept]),
        _sums(after, after.label_of[kept], after.self_bytes[kept]),
        _sums(after, owner[owned], after.self_bytes[owned]),
        strict=True,
    )
    return tuple(
        Tally(one, count_before.get(one.name, 0), count, added.get(one.name, 0), still, own, held)
        for one, count, still, own, held in columns
    )


def _by_name(snapshot: Snapshot, labels: Indices) -> dict[str, int]:
    names = (one.name for one in snapshot.constructors)
    return dict(zip(names, _sums(snapshot, labels), strict=True))


def _sums(snapshot: Snapshot, labels: Indices, sizes: Integers | None = None) -> list[int]:
    """Nodes for each of the snapshot's constructors, or the sum of their sizes."""
    # A double adds bytes exactly up to 8 PiB.
    found = np.bincount(labels, sizes, minlength=len(snapshot.constructors))
    return [int(one) for one in found]
