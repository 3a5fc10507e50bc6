"""Whether the numbers of objects in two snapshots mean the same objects."""

from __future__ import annotations

import numpy as np

from reports.heap_snapshots.snapshot import Snapshot

SAME = 0.95
"""Of the nodes with one number, those with one constructor: 1.00 in one process, 0.37 after V8
has numbered its objects anew."""


def expect_one_process(before: Snapshot, after: Snapshot) -> None:
    """Raises ValueError where they were taken of two processes, or the numbers were reset."""
    _, here, there = np.intersect1d(before.ids, after.ids, assume_unique=True, return_indices=True)
    places = {one.name: place for place, one in enumerate(after.constructors)}
    known = np.array([places.get(one.name, -1) for one in before.constructors], dtype=np.int32)
    same = known[before.label_of[here]] == after.label_of[there]
    if same.sum() <= SAME * len(same):
        raise ValueError(
            "the snapshots number their objects differently: take them of one process and in one "
            "session of its inspector, which stays open; when a session ends, V8 counts anew"
        )
