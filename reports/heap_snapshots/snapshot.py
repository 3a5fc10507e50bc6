"""The text of a snapshot -> arrays of nodes and edges. Nothing is read from disk here.

Format: `HeapSnapshotJSONSerializer` in V8's src/profiler/heap-snapshot-generator.cc. Nodes and
edges are flat arrays of numbers; `snapshot.meta` names their fields, in whatever order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.heap_snapshots.naming import NAMED_TYPES, Constructor, constructor_of
from reports.heap_snapshots.sections import (
    Content,
    Integers,
    Numbers,
    decoded,
    numbers,
    sections,
)

Indices = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One heap. `ids` name an object for as long as its process lives and its profiler is not
    disabled; `label_of[n]` is the place of node n's constructor in `constructors`; node n holds
    `targets[first_edge[n]:first_edge[n + 1]]`, by edges that are not weak."""

    ids: Integers
    self_bytes: Integers
    constructors: tuple[Constructor, ...]
    label_of: Indices
    first_edge: Integers
    targets: Indices

    @property
    def total_bytes(self) -> int:
        """The self sizes of all nodes."""
        return int(self.self_bytes.sum())


def parse_snapshot(content: Content) -> Snapshot:
    """Parse the bytes of a .heapsnapshot.

    Raises ValueError with what is wrong where they are cut off, damaged or something else.
    """
    where = sections(content)
    try:
        header = decoded(content, where["snapshot"])
        nodes = _Table.of(content, where["nodes"], header, "node")
        # The texts are gone before the edges come: the two are the most of a file.
        constructors, label_of = _labels(nodes, decoded(content, where["strings"]))
        first_edge, targets = _graph(nodes, _Table.of(content, where["edges"], header, "edge"))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no heap snapshot of V8: {error!r}") from error
    return Snapshot(
        nodes.column("id").astype(np.int64),
        nodes.column("self_size").astype(np.int64),
        constructors,
        label_of,
        first_edge,
        targets,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    fields: list[str]
    types: list[str]
    """The names behind the numbers of the column "type"."""
    rows: Numbers

    @classmethod
    def of(cls, content: Content, where: slice, header: Any, name: str) -> _Table:
        fields = header["meta"][f"{name}_fields"]
        types = header["meta"][f"{name}_types"][fields.index("type")]
        count = header[f"{name}_count"]
        # An edge's numbers have 32 bits in V8, too; a node's size may have more.
        width = np.uint32 if name == "edge" else np.int64
        values = numbers(content, where, count * len(fields), width)
        return cls(fields, types, values.reshape(count, len(fields)))

    def column(self, name: str) -> Numbers:
        return self.rows[:, self.fields.index(name)]


def _labels(nodes: _Table, strings: list[str]) -> tuple[tuple[Constructor, ...], Indices]:
    types, names = nodes.column("type"), nodes.column("name")
    _expect(types, len(nodes.types), "node types")
    _expect(names, len(strings), "names")
    telling = np.array([one in NAMED_TYPES for one in nodes.types])
    keys = types * len(strings) + np.where(telling[types], names, 0)
    distinct, label_of = np.unique(keys, return_inverse=True)
    found: dict[Constructor, int] = {}
    places = [
        found.setdefault(
            constructor_of(nodes.types[key // len(strings)], strings[key % len(strings)]),
            len(found),
        )
        for key in distinct.tolist()
    ]
    return tuple(found), np.array(places, dtype=np.int32)[label_of]


def _graph(nodes: _Table, edges: _Table) -> tuple[Integers, Indices]:
    """`first_edge` and `targets` of the edges that are not weak."""
    counts = nodes.column("edge_count")
    if (counts < 0).any() or counts.sum() != len(edges.rows):
        raise ValueError("damaged: the nodes' edge counts do not add up to the edges")
    # An edge points at its target's first number, not at its row.
    places, stride = edges.column("to_node"), len(nodes.fields)
    _expect(places, len(nodes.rows) * stride, "edges")
    if (places % stride).any():
        raise ValueError("damaged: an edge points between two nodes")
    strong = edges.column("type") != edges.types.index("weak")
    before = np.concatenate([[0], np.cumsum(strong)])
    first_edge = before[np.concatenate([[0], np.cumsum(counts)])]
    return first_edge, (places[strong] // stride).astype(np.int32)


def _expect(values: Numbers, below: int, what: str) -> None:
    if len(values) and not (values.min() >= 0 and values.max() < below):
        raise ValueError(f"damaged: {what} outside 0 … {below - 1}")
