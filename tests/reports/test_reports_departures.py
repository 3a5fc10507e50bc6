"""Why processes went away: in words, counted, and put together from two witnesses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reports.made_findings import findings_of, with_events
from tests.reports.made_run import START, MadeRun, event_list


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"cause": "recycled", "planned": True, "exit_code": 0}, "recycled, planned"),
        (
            {"cause": "oom_kill", "planned": False, "signal": 9},
            "killed by signal 9: out of memory",
        ),
        ({"cause": "signal", "planned": False, "signal": 11}, "killed by signal 11, unplanned"),
        ({"cause": "exit", "planned": False, "exit_code": 1}, "exit code 1, unplanned"),
        ({"cause": "stopped_by_us", "planned": True, "signal": 15}, "stopped by the suite"),
        ({"cause": "unknown", "planned": None}, "cause unknown"),
        ({"planned": True, "exit_code": 0}, "exit code 0, planned"),
        ({}, ""),
    ],
)
def test_departures_are_told_in_words(made: MadeRun, fields: dict[str, Any], text: str) -> None:
    worker = {"pid": 7, "create_time": START + 1, "role": "child"}
    events = with_events(("process_exited", 20.0, worker | fields))
    row = next(row for row in findings_of(made.but(events=events)).processes if row.pid == 7)
    assert row.departure == text


def test_recycled_workers_are_counted_apart_from_crashed_ones(made: MadeRun) -> None:
    def exited(pid: int, **fields: Any) -> tuple[str, float, dict[str, Any]]:
        return "process_exited", 20.0, {"pid": pid, "create_time": START + pid, **fields}

    events = with_events(
        exited(7, cause="recycled", planned=True),
        exited(8, cause="signal", planned=False, signal=6),
    )
    caveats = findings_of(made.but(events=events)).caveats
    assert "1 worker(s) were recycled as planned." in caveats
    assert any("1 process(es) of the target exited unplanned (pid 8:" in text for text in caveats)


def test_what_the_parent_saw_completes_what_the_sidecar_could_not(made: MadeRun) -> None:
    events = [event for event in event_list() if event[0] != "process_exited"]
    root = {"pid": 4711, "create_time": START - 5, "role": "root", "cause": "unknown"}
    events.append(("process_exited", 49.0, {**root, "planned": None}))
    events.append(
        ("process_exited", 49.1, {"pid": 4711, "create_time": None, "signal": 9, "planned": False})
    )
    (row,) = findings_of(made.but(events=sorted(events, key=lambda e: e[1]))).processes
    assert (row.signal, row.planned) == ("9", False)


def test_an_exit_that_only_the_parent_saw_is_the_youngest_process_of_that_pid(
    made: MadeRun,
) -> None:
    events = [event for event in event_list() if event[0] != "process_exited"]
    older = {"pid": 4711, "create_time": START - 900, "role": "child"}
    parent = {"pid": 4711, "create_time": None, "exit_code": 3, "planned": False}
    events += [("process_started", 0.0, older), ("process_exited", 49.1, parent)]
    first, last = findings_of(made.but(events=sorted(events, key=lambda e: e[1]))).processes
    assert (first.died, last.died, last.departure) == (None, 49.1, "exit code 3, unplanned")


def test_exits_without_a_known_cause_are_counted_too(made: MadeRun) -> None:
    gone = {"pid": 7, "create_time": START + 1, "cause": "unknown", "planned": None}
    caveats = findings_of(made.but(events=with_events(("process_exited", 20.0, gone)))).caveats
    assert any("1 process(es) of the target exited for an unknown cause" in c for c in caveats)
