"""Heap snapshots by hand: what is kept, who owns it, and who leaks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from reports.heap_snapshots import (
    ConstructorGrowth,
    SnapshotDifference,
    compare,
    parse_snapshot,
)
from reports.heap_snapshots.naming import constructor_of
from tests.reports.made_snapshot import Node, made_snapshot, root


def difference(
    before: Sequence[Node], loaded: Sequence[Node] | None, after: Sequence[Node]
) -> SnapshotDifference:
    middle = None if loaded is None else parse_snapshot(made_snapshot(loaded))
    heaps = [parse_snapshot(made_snapshot(nodes)) for nodes in (before, after)]
    return compare(heaps[0], middle, heaps[1])


def rows(found: SnapshotDifference) -> dict[str, ConstructorGrowth]:
    return {row.constructor: row for row in found.rows}


def held(*nodes: Node) -> dict[str, int]:
    """Bytes held by constructor where all these nodes are new."""
    found = difference([root()], None, [root(*(node.id for node in nodes)), *nodes])
    assert sum(row.held_bytes for row in found.rows) == found.kept_bytes
    return {row.constructor: row.held_bytes for row in found.rows}


def many(count: int, name: str, size: int) -> list[Node]:
    return [Node(101 + 2 * one, "object", name, size) for one in range(count)]


@pytest.mark.parametrize(
    ("node_type", "name", "expected"),
    [
        ("object", "Lesson", "Lesson"),
        ("closure", "onProgress", "closure onProgress"),
        ("closure", "", "closure (anonymous)"),
        ("native", "Node / Environment", "Node / Environment"),
        ("array", "", "(array)"),
        ("string", "a text", "(string)"),
        ("concatenated string", "", "(string)"),
        ("sliced string", "text", "(string)"),
        ("code", "render", "(compiled code)"),
        ("hidden", "system / Map", "(system)"),
        ("object shape", "system / Map", "(object shape)"),
        ("regexp", "a+", "RegExp"),
        ("bigint", "", "(bigint)"),
        ("a type of a later V8", "x", "(a type of a later V8)"),
    ],
)
def test_nodes_are_named_as_the_browser_names_them(
    node_type: str, name: str, expected: str
) -> None:
    assert constructor_of(node_type, name).name == expected


def test_added_is_new_under_load_and_kept_is_what_of_it_stays() -> None:
    old, gone, stays, late = (Node(n, "object", "Lesson", 8 + n) for n in (3, 5, 7, 9))
    found = difference(
        [root(3), old], [root(3, 5, 7), old, gone, stays], [root(3, 7, 9), old, stays, late]
    )
    assert found.rows == (ConstructorGrowth("Lesson", 1, 3, 2, 1, 15, 15),)
    assert (found.total_before_bytes, found.total_after_bytes, found.kept_bytes) == (11, 43, 15)


def test_an_object_owns_the_arrays_and_strings_that_it_holds() -> None:
    lesson = Node(3, "object", "Lesson", 32, (5,))
    array = Node(5, "object", "Array", 16, (7,))
    elements = Node(7, "array", "", 24, (9, 11))
    texts = [Node(9, "string", "a", 1000), Node(11, "concatenated string", "b", 2000)]
    assert held(lesson, array, elements, *texts)["Lesson"] == 3072


def test_what_two_hold_is_counted_once_for_the_nearest() -> None:
    closure = Node(3, "closure", "render", 64, (5,))
    context = Node(5, "object", "system / Context", 40, (7, 9))
    lesson = Node(7, "object", "Lesson", 32, (9,))
    text = Node(9, "string", "a", 1000)
    found = held(closure, context, lesson, text)
    assert (found["closure render"], found["Lesson"], found["(string)"]) == (104, 1032, 0)


def test_a_weak_edge_holds_nothing() -> None:
    found = held(Node(3, "object", "Lesson", 32, weakly=(5,)), Node(5, "string", "a", 1000))
    assert found == {"Lesson": 32, "(string)": 1000}


def test_a_plain_object_owns_only_what_nothing_named_holds() -> None:
    lesson = Node(3, "object", "Lesson", 32, (5,))
    carried = Node(5, "object", "Object", 16, (7,))
    alone = Node(9, "object", "Object", 16, (11,))
    texts = [Node(7, "string", "a", 1000), Node(11, "string", "b", 500)]
    found = held(lesson, carried, alone, *texts)
    assert (found["Lesson"], found["Object"]) == (1048, 516)


def test_holders_in_a_circle_end() -> None:
    circle = [Node(3, "array", "", 10, (5,)), Node(5, "array", "", 20, (3,))]
    assert held(Node(7, "object", "Ring", 1, (3,)), *circle)["Ring"] == 31


def test_a_class_that_stays_and_holds_much_is_the_leak() -> None:
    lessons = many(300, "Lesson", 1000)
    code = Node(9001, "code", "render", 10**6)
    found = difference([root()], None, [root(), *lessons, code])
    assert found.rows[0].constructor == "(compiled code)"
    assert found.leaking == "Lesson"


def test_strings_that_pile_up_without_a_holder_of_their_own_are_told() -> None:
    texts = [Node(3 + 2 * one, "string", "a", 1000) for one in range(300)]
    assert difference([root()], None, [root(), *texts]).leaking == "(string)"


@pytest.mark.parametrize(
    ("loaded", "after"),
    [
        (many(300, "Lesson", 100), many(300, "Lesson", 100)),
        (many(9, "Pool", 10**6), many(9, "Pool", 10**6)),
        (many(300, "Lesson", 1000), many(100, "Lesson", 1000)),
        ([Node(3, "code", "render", 10**6)], [Node(3, "code", "render", 10**6)]),
        ([], []),
    ],
    ids=["too few bytes", "made once", "let go of", "compiled code", "nothing"],
)
def test_what_is_no_leak_is_not_named(loaded: list[Node], after: list[Node]) -> None:
    assert difference([root()], [root(), *loaded], [root(), *after]).leaking is None


def test_objects_that_are_replaced_by_as_many_are_no_leak() -> None:
    before = [Node(5001 + 2 * one, "object", "Lesson", 1000) for one in range(300)]
    assert difference([root(), *before], None, [root(), *many(300, "Lesson", 1000)]).leaking is None


def test_at_most_twenty_rows_the_largest_first() -> None:
    nodes = [Node(3 + 2 * one, "object", f"Class{one}", one) for one in range(30)]
    found = difference([root()], None, [root(), *nodes]).rows
    assert [row.constructor for row in found] == [f"Class{one}" for one in range(29, 9, -1)]


def test_heaps_whose_objects_are_numbered_anew_are_refused() -> None:
    here = [root(), Node(3, "object", "Lesson", 8), Node(5, "string", "a", 8)]
    there = [root(), Node(3, "string", "a", 8), Node(5, "object", "Lesson", 8)]
    with pytest.raises(ValueError, match="one session of its inspector"):
        difference(here, None, there)
