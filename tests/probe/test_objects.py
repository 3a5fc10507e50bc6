"""The breakdown by type, on objects whose number and size are known."""

from __future__ import annotations

import gc
import subprocess
import sys

import pandas as pd
import pytest

from memory_sidecar.probe.collecting import collect_and_trim, gc_facts, heap_sizes
from memory_sidecar.probe.objects import breakdown, own_size, type_name
from memory_sidecar.probe.redaction import short_repr
from memory_sidecar.probe.usage import parse_meminfo

MIB = 2**20


class Ticket:
    """Counted by the collector."""

    def __init__(self) -> None:
        self.number = 0


class Talkative:
    """Must not be asked for anything."""

    def __sizeof__(self) -> int:
        raise AssertionError("code of the service was run")

    def __repr__(self) -> str:
        raise AssertionError("code of the service was run")


def sizes_by_type() -> dict[str, tuple[int, int]]:
    return {row.type: (row.count, row.size_bytes) for row in breakdown(types=100_000).types}


def test_objects_of_a_class_are_all_counted() -> None:
    held = [Ticket() for _ in range(5_000)]
    assert sizes_by_type()[type_name(Ticket)][0] == len(held)


def test_what_the_collector_does_not_track_is_found_through_its_holders() -> None:
    before = sizes_by_type()["dict"][0]
    held = [{"a": 1.5} for _ in range(200_000)]
    # Dicts of atoms alone are not tracked: gc.get_objects() knows none of them.
    assert sum(gc.is_tracked(one) for one in held) == 0
    # Two of them may share a bit; see _Seen.
    assert sizes_by_type()["dict"][0] - before == pytest.approx(len(held), rel=0.02)


def test_bytes_are_those_that_the_objects_hold() -> None:
    before = sizes_by_type()["bytes"][1]
    held = [bytes([number & 255]) * MIB for number in range(20)]
    assert sizes_by_type()["bytes"][1] - before == pytest.approx(len(held) * MIB, rel=0.01)


def test_a_data_frame_has_its_columns_to_its_name() -> None:
    frame = pd.DataFrame({"a": range(500_000), "b": [1.0] * 500_000})
    name = type_name(pd.DataFrame)
    assert sizes_by_type()[name][1] == pytest.approx(8 * MIB, rel=0.05)
    large = {one.type: one for one in breakdown().large}
    assert large[name].repr.startswith("<DataFrame shape=(500000, 2)")
    assert len(frame) == 500_000


def test_no_code_of_the_service_is_run() -> None:
    held = [Talkative() for _ in range(3)]
    assert own_size(held[0]) > 0
    assert short_repr(held) == "[<Talkative>, <Talkative>, <Talkative>]"
    assert sizes_by_type()[type_name(Talkative)][0] == 3


def test_the_walk_ends_when_its_time_is_over() -> None:
    assert not breakdown(most_seconds=0.0).complete


WALKED = """
from memory_sidecar.probe.objects import breakdown
from memory_sidecar.probe.usage import current_usage
held = [[{"a": number}] for number in range(300_000)]
before = current_usage().rss_bytes
for _ in range(5):
    breakdown()
print(current_usage().rss_bytes - before)
"""


def test_the_walk_leaves_the_process_as_large_as_it_was() -> None:
    """In a process of its own: here the tests before have left garbage and holes of any size."""
    told = subprocess.run(
        [sys.executable, "-c", WALKED], capture_output=True, text=True, check=True
    )
    assert int(told.stdout) < 2 * MIB


def test_the_collectors_facts_are_its_own() -> None:
    facts, before = gc_facts(), gc.get_stats()[2]["collections"]
    assert facts.threshold == gc.get_threshold()
    assert facts.collections[2] == before
    assert facts.tracked_objects > 1_000
    collect_and_trim()
    assert gc_facts().collections[2] == before + 1


def test_malloc_tells_what_it_handed_out() -> None:
    before = heap_sizes()["malloc_used"]
    held = bytearray(30 * MIB)
    after = heap_sizes()["malloc_used"]
    if before is None or after is None:
        pytest.skip("no mallinfo2 in this C library")
    assert after - before == pytest.approx(len(held), rel=0.01)


def test_meminfo_is_in_kib() -> None:
    text = "MemTotal:       24684604 kB\nHugePages_Total:       0\n"
    assert parse_meminfo(text) == {"MemTotal": 24684604 * 1024}


@pytest.mark.parametrize(
    ("one", "hidden"),
    [
        ({"password": "hunter2"}, "hunter2"),
        ({"db": {"passwd": "hunter2"}}, "hunter2"),
        ("api_key=abc123 and more", "abc123"),
        ("Authorization: Bearer abc.def-ghi", "abc.def"),
        (["postgres://user:hunter2@host/db"], "hunter2"),
        (b"token: abc123", "abc123"),
        ({"x": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"}, "eyJ"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "MIIE"),
        ({"key": "AKIAIOSFODNN7EXAMPLEwJalrXUtnFEMIK7MDENG"}, "AKIA"),
        ('settings = {"SECRET_KEY": "a b c"}', "a b c"),
        (("session_id", {"session_id": 12345}), "12345"),
    ],
)
def test_a_short_text_gives_no_secret_away(one: object, hidden: str) -> None:
    text = short_repr(one)
    assert hidden not in text
    assert "***" in text


def test_a_short_text_is_short_and_still_says_something() -> None:
    assert short_repr({"user": "anna", "rows": [1, 2]}) == "{'user': 'anna', 'rows': [1, 2]}"
    assert len(short_repr(["x" * 1000] * 1000)) <= 120
    assert short_repr(1 << 9_999_999) == "<int of 10000000 bits>"
    assert short_repr({1, 2, 3, 4, 5}) == "set({1, 2, 3, 4, ... 5 in all})"
