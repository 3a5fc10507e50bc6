"""Small heaps written as V8 writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

NODE_TYPES = ["hidden", "array", "string", "object", "code", "closure", "regexp", "number"]
NODE_TYPES += ["native", "synthetic", "concatenated string", "sliced string", "symbol", "bigint"]
EDGE_TYPES = ["context", "element", "property", "internal", "hidden", "shortcut", "weak"]
NODE_FIELDS = ("type", "name", "id", "self_size", "edge_count", "trace_node_id", "detachedness")
EDGE_FIELDS = ("type", "name_or_index", "to_node")


@dataclass(frozen=True, slots=True)
class Node:
    """`holds` and `weakly` are ids of other nodes."""

    id: int
    type: str
    name: str
    self_size: int
    holds: tuple[int, ...] = ()
    weakly: tuple[int, ...] = ()


def root(*holds: int) -> Node:
    """What all heaps begin with; it is in each of them."""
    return Node(1, "synthetic", "", 0, holds)


def made_snapshot(
    nodes: Sequence[Node],
    node_fields: Sequence[str] = NODE_FIELDS,
    edge_fields: Sequence[str] = EDGE_FIELDS,
) -> bytes:
    """The file's bytes, with the fields in that order."""
    strings: dict[str, int] = {}
    rows = [_node_row(node, strings, node_fields) for node in nodes]
    places = {node.id: place * len(node_fields) for place, node in enumerate(nodes)}
    edges = [
        _edge_row(kind, places[target], edge_fields)
        for node in nodes
        for kind, targets in (("property", node.holds), ("weak", node.weakly))
        for target in targets
    ]
    meta = {
        "node_fields": list(node_fields),
        "node_types": [NODE_TYPES if one == "type" else "number" for one in node_fields],
        "edge_fields": list(edge_fields),
        "edge_types": [EDGE_TYPES if one == "type" else "node" for one in edge_fields],
    }
    header = {"meta": meta, "node_count": len(nodes), "edge_count": len(edges)}
    content = {
        "snapshot": header,
        "nodes": list(chain.from_iterable(rows)),
        "edges": list(chain.from_iterable(edges)),
        "trace_tree": [],
        "strings": list(strings),
    }
    return json.dumps(content).encode()


def _node_row(node: Node, strings: dict[str, int], fields: Sequence[str]) -> list[int]:
    values = {
        "type": NODE_TYPES.index(node.type),
        "name": strings.setdefault(node.name, len(strings)),
        "id": node.id,
        "self_size": node.self_size,
        "edge_count": len(node.holds) + len(node.weakly),
    }
    return [values.get(field, 0) for field in fields]


def _edge_row(kind: str, place: int, fields: Sequence[str]) -> list[int]:
    values: dict[str, Any] = {"type": EDGE_TYPES.index(kind), "to_node": place}
    return [values.get(field, 0) for field in fields]
