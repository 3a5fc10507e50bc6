"""Which constructor the kept bytes hang on: each kept node has one owner."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reports.heap_snapshots.naming import Kind
from reports.heap_snapshots.sections import Integers
from reports.heap_snapshots.snapshot import Indices, Snapshot

Mask = NDArray[np.bool_]

NOBODY = -1


def owners(snapshot: Snapshot, kept: Mask) -> Indices:
    """For each node the place of its owner in `snapshot.constructors`; NOBODY where not kept.

    A node that can own, owns itself. Any other belongs to the nearest of them that holds it,
    along edges that are not weak and through kept nodes only: named ones are asked first, then
    plain ones, then arrays and buffers, then data; what nobody holds is its own.
    """
    kinds = np.array([one.kind for one in snapshot.constructors], dtype=np.int8)
    kind_of = kinds[snapshot.label_of]
    owner = np.full(len(kept), NOBODY, dtype=np.int32)
    for kind in Kind:
        sources = np.flatnonzero(kept & (kind_of == kind) & (owner == NOBODY))
        owner[sources] = snapshot.label_of[sources]
        _spread(snapshot, kept, owner, sources)
    return owner


def _spread(snapshot: Snapshot, kept: Mask, owner: Indices, frontier: Integers) -> None:
    """Breadth first, one level per turn: fills `owner` in place."""
    while len(frontier):
        holders, held = _edges(snapshot, frontier)
        free = kept[held] & (owner[held] == NOBODY)
        frontier, first = np.unique(held[free], return_index=True)
        owner[frontier] = owner[holders[free][first]]


def _edges(snapshot: Snapshot, nodes: Integers) -> tuple[Integers, Indices]:
    """(holder, held) of all edges that leave `nodes`."""
    starts = snapshot.first_edge[nodes]
    counts = snapshot.first_edge[nodes + 1] - starts
    ends = np.cumsum(counts)
    within = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
    places = np.repeat(starts, counts) + within
    return np.repeat(nodes, counts), snapshot.targets[places]
