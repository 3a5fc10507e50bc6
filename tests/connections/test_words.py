"""What the report says of open connections, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.comparing.comparison import NAMES
from reports.connections.figures import connections_measured
from reports.connections.findings import NO, YES, Connections, HeldGrowth, OpenCount, Returned
from reports.connections.held_open import parse_held_open
from reports.connections.words import connection_caveats, growing_headline, in_one_sentence
from tests.connections.made import KIB, MIB

FOUND = Connections(
    "events",
    "/api/events",
    "event stream",
    200,
    (OpenCount("load-hold", 200, 200, 120 * MIB),),
    100.0 * KIB,
    (98.0 * KIB, 102.0 * KIB),
    None,
    None,
    HeldGrowth(60.0, below_bytes_per_second=80.0),
    Returned(YES, 0.97, 0, 0),
    0,
    0,
    None,
)


def test_the_sentence_says_what_each_needs_whether_it_grows_and_what_comes_back() -> None:
    assert in_one_sentence(FOUND) == (
        "200 event streams to /api/events: 100.0 KiB for each (95 % interval 98.0 KiB to 102.0"
        " KiB); held for 60 s they do not grow (each by less than 80 B a second); once closed, 97 %"
        " of it comes back."
    )
    assert growing_headline(FOUND) is None


def test_growth_while_held_is_in_the_reports_first_sentence() -> None:
    growing = replace(FOUND, held=HeldGrowth(60.0, 2048.0, (2000.0, 2100.0)))
    assert growing_headline(growing) == (
        "Each open connection grows by 2.0 KiB every second for as long as it is held."
    )
    assert "each grows by 2.0 KiB every second" in in_one_sentence(growing)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (replace(FOUND, reconnects=7), "7 were opened again (0 of these tries failed)"),
        (replace(FOUND, returned=Returned(NO, 0.0, MIB, 40)), "40 descriptors are still open"),
        (
            replace(FOUND, counts=(OpenCount("load-2", 80, 50, MIB),)),
            "load-2: 50 connections were open by the target's descriptors, 80 were asked for",
        ),
        (replace(FOUND, counts=(OpenCount("load-2", 80, None, MIB),)), "really open is unknown"),
    ],
)
def test_what_was_not_as_asked_is_a_caveat(changed: Connections, words: str) -> None:
    assert not any(words in text for text in connection_caveats(FOUND))
    assert any(words in text for text in connection_caveats(changed))


def test_growth_while_held_is_a_figure_that_runs_are_compared_by() -> None:
    (stands,) = connections_measured(FOUND)
    growing = replace(FOUND, held=HeldGrowth(60.0, 2048.0, (2000.0, 2100.0)))
    (grows,) = connections_measured(growing)
    assert (stands.name, stands.value, stands.ci95) == ("held_bytes_per_second", 0, (0, 80))
    assert (grows.value, grows.ci95) == (2048, (2000, 2100))
    assert stands.name in NAMES
    assert connections_measured(None) == ()


def test_a_run_of_another_kind_has_no_such_record() -> None:
    assert parse_held_open(None) is None
    assert connection_caveats(None) == ()


def test_a_torn_record_is_read_as_far_as_it_goes() -> None:
    found = parse_held_open({"kind": "events", "read_bytes_per_second": "slowly", "path": None})
    assert found is not None
    assert (found.noun, found.path) == ("event stream", "")
    assert found.read_bytes_per_second is None
