"""Open connections in real runs against the demo service: streams, keep-alive, slow readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rundir import RunDirectory
from tests.live.suite import only_run, run
from tests.live.test_guards import with_workers

pytestmark = pytest.mark.live

KIB = 1024
SERVER_KIB = 40
"""What uvicorn and Starlette need for an open stream themselves: 38 KiB on Python 3.11."""

SHORT = ("--plan", "connections", "--baseline", "3", "--cooldown", "4")
EVENTS = ("--scenario", "scenarios/demo-events.toml", *SHORT)
SLOW = ("--connections", "8", "--read-bytes-per-second", "1000", "--load", "32", "--steps", "3")
FAST_EVENTS = {"DEMO_EVENT_BYTES": "65536", "DEMO_EVENTS_PER_SECOND": "20"}


def found(runs: Path, *words: str, **env: str) -> dict[str, Any]:
    """`connections` of the report of one run that ended well."""
    done = run(*words, runs=runs, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads(RunDirectory(only_run(runs)).report_json.read_text())
    assert content["caveats"][0].startswith("In this run a user is one open connection")
    assert content["connections"]["sentence"] in " ".join(done.stdout.split())
    told: dict[str, Any] = content["connections"]
    return told


def test_what_an_event_stream_holds_is_told_and_comes_back(tmp_path: Path) -> None:
    words = ("--connections", "40", "--load", "36", "--steps", "4")
    told = found(tmp_path, *EVENTS, *words, DEMO_CONNECTION_KIB="256")
    assert told["bytes_per_connection"] == pytest.approx((256 + SERVER_KIB) * KIB, rel=0.15)
    assert [row["open"] for row in told["counts"]] == [10, 20, 30, 40, 40]
    assert told["returned"]["word"] == "yes"
    assert told["returned"]["still_open"] == 0
    assert told["held"]["bytes_per_second"] is None


def test_keep_alive_connections_need_little_and_stay_open(tmp_path: Path) -> None:
    kind = ("--connection-kind", "keep-alive", "--connection-path", "/health")
    told = found(tmp_path, *SHORT, *kind, "--connections", "60", "--load", "30", "--steps", "3")
    assert (told["reconnects"], told["counts"][-1]["open"]) == (0, 60)
    least = told["bytes_per_connection"] or told["below_bytes"]
    assert least < 60 * KIB


@pytest.mark.parametrize("queue", [0, 20], ids=["unbounded", "bounded"])
def test_slow_readers_make_an_unbounded_queue_grow_and_a_bounded_one_not(
    tmp_path: Path, queue: int
) -> None:
    told = found(tmp_path, *EVENTS, *SLOW, DEMO_EVENT_QUEUE=str(queue), **FAST_EVENTS)
    growing = told["held"]["bytes_per_second"]
    if queue:
        assert growing is None, told
    else:
        assert growing == pytest.approx(20 * 65_536, rel=0.15)


def test_workers_hold_the_connections_that_the_master_was_told_of(tmp_path: Path) -> None:
    kind = ("--connection-kind", "events", "--connection-path", "/api/events")
    words = ("--plan", "connections", *kind, "--connections", "20", "--load", "20", "--steps", "2")
    done = with_workers(tmp_path, *words)
    assert done.exit_code == 0, done.console
    told = done.report["connections"]
    assert (told["counts"][-1]["open"], told["returned"]["still_open"]) == (20, 0)
