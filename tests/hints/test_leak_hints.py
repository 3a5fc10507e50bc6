"""A leak: named by endpoint where it is, and the way on from what is known inside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reports.findings import Leak, MemoryVerdict, Recovery, Split
from reports.hints.leak_inside import leak_inside
from reports.hints.leak_unattributed import leak_unattributed
from reports.hints.leaking_endpoint import leaking_endpoint
from reports.inside.findings import (
    Components,
    Explained,
    HeapComparison,
    HeldBy,
    Inside,
    TypeGrowth,
)
from tests.hints.made_seen import (
    FOUND,
    KIB,
    MIB,
    NODE,
    PYTHON,
    START,
    endpoint,
    named,
    seen_of,
)
from tests.reports.made_run import MadeRun

LEAK = MemoryVerdict(
    "leak", (), leak=Leak(20.0 * KIB, (19.0 * KIB, 21.0 * KIB), bytes_per_hour=1000.0 * MIB)
)
KEEPS = endpoint(
    "/analysis",
    # Most of them when it was asked alone; the load had 600.
    requests=9000,
    retained_bytes_per_request=20.0 * KIB,
    retained_ci95=(19.0 * KIB, 21.0 * KIB),
    attributed_from="isolated",
)
GROWN = replace(PYTHON, types=(TypeGrowth("DataFrame", 300, 20 * MIB, 18 * MIB),))


@pytest.fixture
def made(made: MadeRun) -> MadeRun:
    """600 requests to each of these under load."""
    return made.but(names=("/analysis", "/other"))


def test_the_endpoint_that_keeps_memory_is_named_with_its_figures(made: MadeRun) -> None:
    hint = leaking_endpoint(seen_of(made, endpoints=(endpoint("/x"), KEEPS), inside=GROWN))
    assert hint is not None
    assert hint.title == "GET /analysis keeps memory of each request"
    assert hint.evidence == (
        "it keeps 20.0 KiB of each request (95 %: 19.0 KiB to 21.0 KiB, in a phase of"
        " its own): 11.7 MiB of 600 requests under load; DataFrame objects grew by 18.0 MiB"
    )
    assert (hint.command, hint.section) == ("make components RUN=runs/r", "endpoints")
    assert hint.stake_bytes == 600 * 20 * KIB * 24 * 3600 / 30


def test_other_endpoints_that_keep_some_are_summed(made: MadeRun) -> None:
    other = replace(KEEPS, name="/other", retained_bytes_per_request=10.0 * KIB, requests=90_000)
    hint = leaking_endpoint(seen_of(made, endpoints=(other, KEEPS)))
    assert hint is not None and hint.evidence.endswith("; 1 other endpoint 5.9 MiB")
    assert hint.title.startswith("GET /analysis")


def test_an_endpoint_below_the_noise_is_no_hint(made: MadeRun) -> None:
    below = endpoint("/x", retained_below_bytes=2.0 * KIB, attributed_from="bound")
    noise = endpoint("/y", retained_bytes_per_request=100.0, retained_ci95=(-50.0, 250.0))
    assert leaking_endpoint(seen_of(made, endpoints=(below, noise))) is None


def test_a_leak_in_no_known_endpoint_asks_for_attribution(made: MadeRun) -> None:
    hint = leak_unattributed(seen_of(made, memory=LEAK))
    assert hint is not None
    assert hint.evidence == (
        "under load memory grows by 20.0 KiB with each request (95 %: 19.0 KiB to 21.0 KiB),"
        " 1,000.0 MiB an hour"
    )
    assert hint.command == "make attribute SCENARIO=my.toml"
    assert hint.stake_bytes == 24_000 * MIB


def test_without_a_leak_or_with_an_endpoint_named_none_is_asked_for(made: MadeRun) -> None:
    assert leak_unattributed(seen_of(made)) is None
    named = seen_of(made, memory=LEAK, endpoints=(KEEPS,))
    assert leak_unattributed(named) is None and leak_inside(named) is None


def test_where_a_class_of_ones_own_asks_nothing_can_be_loaded_alone(made: MadeRun) -> None:
    own = made.but(run={"scenario": {"user_class": "users.py:Shopper", "endpoints": []}})
    assert leak_unattributed(seen_of(own, memory=LEAK)) is None


def test_before_anybody_was_asked_the_next_run_asks(made: MadeRun) -> None:
    hint = leak_inside(seen_of(made, memory=LEAK))
    assert hint is not None
    assert hint.evidence.startswith("under load memory grows by 20.0 KiB")
    assert hint.command == "make headless-test SCENARIO=my.toml INSIDE=1"


def test_one_that_ran_already_is_started_so_that_it_brings_a_probe(made: MadeRun) -> None:
    hint = leak_inside(replace(seen_of(made, memory=LEAK), commands=FOUND))
    assert hint is not None and "probe attach" in hint.step
    assert hint.command == f"make headless-test SCENARIO=my.toml {START} INSIDE=1"


@pytest.mark.parametrize("inside", [GROWN, PYTHON])
def test_before_it_is_traced_a_run_is_made_that_can_be_repeated(
    made: MadeRun, inside: Inside
) -> None:
    hint = leak_inside(replace(seen_of(made, memory=LEAK, inside=inside), commands=FOUND))
    assert hint is not None
    assert hint.step.startswith("Load the service by a plan, started by the suite; make components")
    assert hint.command == f"make headless-test SCENARIO=my.toml {START} INSIDE=1"


@pytest.mark.parametrize("command", ["./server", "node_exporter", "bundle", "pythonista"])
def test_what_is_neither_python_nor_node_is_not_asked(made: MadeRun, command: str) -> None:
    assert leak_inside(seen_of(named(made, command, "exec", "puma"), memory=LEAK)) is None
    hint = leaking_endpoint(seen_of(named(made, command), endpoints=(KEEPS,)))
    assert hint is not None and hint.command.startswith("make compare")


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("python3.11", "INSIDE"),
        ("python3.13t", "INSIDE"),
        ("gunicorn: master [app]", "INSIDE"),
        ("node", "HEAP_SNAPSHOTS"),
        ("node22", "HEAP_SNAPSHOTS"),
        ("npm run start", "HEAP_SNAPSHOTS"),
    ],
)
def test_what_is_python_or_node_is_asked(made: MadeRun, command: str, word: str) -> None:
    hint = leak_inside(seen_of(named(made, command), memory=LEAK))
    assert hint is not None and hint.command.endswith(f"{word}=1")


@pytest.mark.parametrize("run", [{"plan": {"kind": "attribution"}}, {"scenario": {}}])
def test_endpoints_are_not_loaded_alone_twice_nor_where_there_are_none(
    made: MadeRun, run: dict[str, Any]
) -> None:
    seen = seen_of(made.but(run=run), memory=LEAK)
    assert leak_unattributed(seen) is None
    assert leak_inside(seen) is not None


def test_a_node_service_is_asked_for_snapshots(made: MadeRun) -> None:
    hint = leak_inside(seen_of(made, memory=LEAK, inside=NODE))
    assert hint is not None
    assert hint.command == "make headless-test SCENARIO=my.toml HEAP_SNAPSHOTS=1"


def test_what_a_snapshot_named_is_the_evidence(made: MadeRun) -> None:
    heap = HeapComparison(7, (), 10 * MIB, 40 * MIB, 30 * MIB, "Map in Sessions", ())
    hint = leak_inside(seen_of(made, memory=LEAK, inside=replace(NODE, heaps=(heap,))))
    assert hint is not None
    assert hint.evidence == (
        "30.0 MiB were kept in the heap of process 7, most of it hangs on Map in Sessions"
    )
    assert hint.command == "make compare BASE=runs/r NEW=runs/THE-RUN-AFTER"


def test_once_the_line_is_known_it_is_named_and_nothing_more_is_asked(made: MadeRun) -> None:
    lines = (HeldBy("app.data:12", 9 * MIB, 8 * MIB, 0.9),)
    parts = Components("t", (), (), lines, 9 * MIB, 8 * MIB, None, 0, None, None)
    hint = leak_inside(seen_of(made, memory=LEAK, inside=replace(GROWN, components=parts)))
    assert hint is not None
    assert hint.evidence == "app.data:12 holds 8.0 MiB more after the traced load"
    assert hint.step == "Mend what is kept at app.data:12, run again and compare"


def test_where_no_type_grew_native_memory_is_told_as_what_may_be_left(made: MadeRun) -> None:
    inside = replace(PYTHON, explained=Explained(40 * MIB, 120 * MIB, MIB // 2, complete=True))
    live = Recovery(split=Split(42 * MIB, 0, 0, 0, "probe", 1, 1))
    hint = leak_inside(seen_of(made, memory=LEAK, inside=inside, recovery=live))
    assert hint is not None
    assert hint.evidence == (
        "no type of object grew by 1.0 MiB: after the last phase 42.0 MiB stayed live, of which"
        " objects explain 0.5 MiB"
    )
    assert "native memory" in hint.step
