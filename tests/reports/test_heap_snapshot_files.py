"""Heap snapshots as files: another order of fields, cut off, damaged, something else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports.heap_snapshots import ConstructorGrowth, compare, parse_snapshot, read_snapshot
from reports.heap_snapshots import sections as reading
from tests.reports.made_snapshot import EDGE_FIELDS, NODE_FIELDS, Node, made_snapshot, root

SMALL = made_snapshot(
    [root(3), Node(3, "object", "Lesson", 32, (5,)), Node(5, "string", 'with "] }', 1000)]
)


def test_the_order_of_fields_is_as_the_file_says() -> None:
    nodes = [root(3), Node(3, "object", "Lesson", 32, (5,)), Node(5, "string", "a", 1000)]
    fields = ("self_size", "edge_count", "id", "name", "type")
    other = parse_snapshot(made_snapshot(nodes, fields, tuple(reversed(EDGE_FIELDS))))
    assert compare(parse_snapshot(made_snapshot([root()], NODE_FIELDS)), None, other).rows == (
        ConstructorGrowth("Lesson", 0, 1, 1, 1, 32, 1032),
        ConstructorGrowth("(string)", 0, 1, 1, 1, 1000, 0),
    )


def test_numbers_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = parse_snapshot(SMALL)
    monkeypatch.setattr(reading, "PIECE_BYTES", 7)
    assert parse_snapshot(SMALL).ids.tolist() == whole.ids.tolist() == [1, 3, 5]


def test_a_file_that_is_cut_off_anywhere_is_refused() -> None:
    for end in range(len(SMALL)):
        with pytest.raises(ValueError, match=r"cut off|no heap snapshot"):
            parse_snapshot(SMALL[:end])


@pytest.mark.parametrize(
    "content",
    [b"", b"[1, 2]", b"PK\x03\x04", b'{"log": {}}', b'{"snapshot": {"meta": 1}, "nodes": []}'],
)
def test_another_file_is_refused_with_its_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "after.heapsnapshot"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"after\.heapsnapshot: .*take the snapshot again"):
        read_snapshot(path)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("nodes", [0] * 20),
        ("nodes", [0] * 22),
        ("nodes", [0] * 21),
        ("edges", [2, 0, 1, 2, 0, 14]),
        ("edges", [2, 0, 700, 2, 0, 14]),
        ("edges", [2, 0, 7, 2, 0, 1.5]),
        ("strings", []),
    ],
    ids=["too few", "too many", "no edges", "askew", "nowhere", "a fraction", "no names"],
)
def test_numbers_that_do_not_fit_together_are_refused(part: str, value: list[float]) -> None:
    content = json.loads(SMALL) | {part: value}
    with pytest.raises(ValueError, match="damaged"):
        parse_snapshot(json.dumps(content).encode())
