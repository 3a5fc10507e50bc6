"""A target and its sidecar that went away at the same moment: when that may be said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.pulling.from_folder import folder_of, take_over
from harness.pulling.lost_together import LastSecond, last_second, loss_of_both
from rundir import Event, RunDirectory

MIB = 2**20
ROOT = Event("process_started", 100.0, 10.0, {"pid": 1, "role": "root", "command": "uvicorn"})
FULL = LastSecond(105.0, 190 * MIB, 192 * MIB)


def run_with(folder: Path, *seconds: tuple[float, int, int]) -> RunDirectory:
    """Seconds as (time, requests, failures)."""
    run = RunDirectory(folder)
    told = [
        {"time": time, "users": 5, "entries": {"GET /": {"requests": made, "failures": failed}}}
        for time, made, failed in seconds
    ]
    run.locust_stats_json.write_text(json.dumps({"seconds": told}))
    return run


def loss(run: RunDirectory, *events: Event) -> Event | None:
    return loss_of_both(events or (ROOT,), FULL, at=105.0, ended=130.0, run=run)


def test_no_request_succeeds_any_more_so_the_target_died_with_its_sidecar(tmp_path: Path) -> None:
    found = loss(run_with(tmp_path, (104, 9, 0), (108, 9, 9), (109, 7, 7)))
    assert found is not None
    assert (found.name, found.time, found.monotonic) == ("target_lost", 105.0, 15.0)
    assert found.fields["pid"] == 1
    assert found.fields["reason"].endswith(
        "190.0 of 192.0 MiB were in use in its last second: out of memory, as it seems"
    )


def test_a_sidecar_that_died_alone_says_nothing_of_a_target_that_answers(tmp_path: Path) -> None:
    assert loss(run_with(tmp_path, (108, 9, 3))) is None


def test_without_requests_nothing_is_known_of_the_target(tmp_path: Path) -> None:
    assert loss(run_with(tmp_path)) is None


@pytest.mark.parametrize(
    "told",
    [
        [ROOT, Event("sidecar_stopped", 105.0, 15.0)],
        [Event("process_started", 100.0, 10.0, {"pid": 7, "role": "root"})],
        [ROOT, Event("target_lost", 104.0, 14.0, {"pid": 1})],
    ],
    ids=["the sidecar ended in order", "not process 1", "it saw the end itself"],
)
def test_other_ends_have_other_reasons(tmp_path: Path, told: list[Event]) -> None:
    assert loss(run_with(tmp_path, (108, 9, 9)), *told) is None


def test_the_last_second_is_what_was_in_use_before_the_kernel_cleared_up(tmp_path: Path) -> None:
    raw = RunDirectory(tmp_path)
    raw.memory_samples.write_text(
        "time,rss,pss,working_set,limit\n1.0,1,1,500,900\n9.5,1,1,800,900\n10.0,1,1,20,900\n10.1,1"
    )
    assert last_second(raw) == LastSecond(10.0, 800, 900)


def test_files_are_taken_from_the_folder_of_the_sidecar_that_is_meant(tmp_path: Path) -> None:
    environ = {"PLIMSOLL_SIDECAR_FILES": f"web={tmp_path}/a,worker={tmp_path}/b"}
    assert folder_of(environ, "worker") == tmp_path / "b"
    assert folder_of(environ, "database") is None
    assert folder_of({}, "web") is None
    assert folder_of({"PLIMSOLL_SIDECAR_FILES": str(tmp_path)}, "web") == tmp_path


def test_what_a_sidecar_wrote_is_copied_and_nothing_else(tmp_path: Path) -> None:
    written = tmp_path / "samples/the-run"
    written.mkdir(parents=True)
    (written / "events.jsonl").write_text("{}\n")
    (written / "other.txt").write_text("x")
    into = RunDirectory(tmp_path / "pulled")
    assert take_over(tmp_path / "samples", "the-run", into)
    assert [path.name for path in into.path.iterdir()] == ["events.jsonl"]
    assert not take_over(tmp_path / "samples", "another-run", into)
