"""Two or three snapshots of one process -> what was added under load and is still there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reports.heap_snapshots.leaking import leaking_of
from reports.heap_snapshots.same_process import expect_one_process
from reports.heap_snapshots.snapshot import Snapshot
from reports.heap_snapshots.tallies import Tally, tallies_of

ROWS = 20


@dataclass(frozen=True, slots=True)
class ConstructorGrowth:
    """One constructor. `added`: objects that came with the load; `kept`: those of them that are
    still there; `kept_bytes`: their own size; `held_bytes`: the size of all kept nodes that this
    constructor owns. Over all constructors both sum up to the kept bytes of the difference."""

    constructor: str
    count_before: int
    count_after: int
    added: int
    kept: int
    kept_bytes: int
    held_bytes: int


@dataclass(frozen=True, slots=True)
class SnapshotDifference:
    """`rows` are the constructors that hold most, at most ROWS, the largest first.

    `leaking` is the one that most of the kept bytes hang on; None where nothing notable was kept.
    """

    rows: tuple[ConstructorGrowth, ...]
    leaking: str | None
    total_before_bytes: int
    total_after_bytes: int
    kept_bytes: int


def compare(before: Snapshot, loaded: Snapshot | None, after: Snapshot) -> SnapshotDifference:
    """Compare snapshots from before the load, from its end and from after the cooldown.

    Without `loaded`, all that is new in `after` counts as added and kept.
    Raises ValueError where objects are not numbered alike in all of them.
    """
    middle = after if loaded is None else loaded
    expect_one_process(before, middle)
    expect_one_process(before, after)
    new = np.setdiff1d(middle.ids, before.ids, assume_unique=True)
    tallies = tallies_of(before, middle, after, new)
    kept = sorted((one for one in tallies if one.kept), key=_rank)
    return SnapshotDifference(
        tuple(_row(tally) for tally in kept[:ROWS]),
        leaking_of(kept),
        before.total_bytes,
        after.total_bytes,
        sum(tally.kept_bytes for tally in kept),
    )


def _rank(tally: Tally) -> tuple[int, int, str]:
    return -tally.held_bytes, -tally.kept_bytes, tally.constructor.name


def _row(tally: Tally) -> ConstructorGrowth:
    return ConstructorGrowth(
        tally.constructor.name,
        tally.count_before,
        tally.count_after,
        tally.added,
        tally.kept,
        tally.kept_bytes,
        tally.held_bytes,
    )
