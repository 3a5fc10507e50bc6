"""The guards in real runs against the demo service: alone, and with two workers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rundir import RunDirectory, read_events
from tests.live.suite import only_run, run, run_with_workers

pytestmark = [pytest.mark.live, pytest.mark.alone]

PLAN = ("--baseline", "2", "--cooldown", "3")
ALL_FAIL = {"DEMO_ERROR_RATE": "1"}
FULL = ("--memory-limit", "50MiB", "--stop-memory", "0.9", "--stop-seconds", "2")


@dataclass(frozen=True)
class Told:
    """What a run left behind: its exit code, console, events and report."""

    exit_code: int
    console: str
    directory: RunDirectory

    @property
    def report(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.directory.report_json.read_text())
        return content

    @property
    def requests_per_second(self) -> dict[int, int]:
        """By the seconds in which they ended, as Locust counted them."""
        counted: dict[int, int] = {}
        for entry in json.loads(self.directory.locust_stats_json.read_text())["entries"]:
            for second, number in entry["num_reqs_per_sec"].items():
                counted[int(second)] = counted.get(int(second), 0) + number
        return counted

    def phases(self) -> list[str]:
        return [phase["name"] for phase in self.report["phases"]]


def alone(runs: Path, *words: str, **env: str) -> Told:
    done = run(*PLAN, *words, runs=runs, **env)
    return Told(done.returncode, done.stdout + done.stderr, RunDirectory(only_run(runs)))


def with_workers(runs: Path, *words: str, **env: str) -> Told:
    """A master without users of its own and two workers, each a process."""
    done = run_with_workers(*PLAN, *words, runs=runs, **env)
    return Told(done.returncode, done.stdout + done.stderr, RunDirectory(only_run(runs)))


EITHER = pytest.mark.parametrize("perform", [alone, with_workers], ids=["alone", "two workers"])


@EITHER
def test_the_rate_stays_at_the_cap_however_much_is_wanted(perform: Any, tmp_path: Path) -> None:
    # 30 users with 0.3 s of think time want 90 requests a second.
    # Of workers the whole of a short load is looked at: its ramp must not weigh a twentieth.
    words = ("--users", "30", "--spawn-rate", "15", "--load", "28", "--max-rps", "20")
    told = perform(tmp_path, *words)
    seconds = told.requests_per_second
    windows = [
        sum(seconds.get(second, 0) for second in range(first, first + 10))
        for first in range(min(seconds), max(seconds) - 9)
    ]
    assert 190 <= max(windows) <= 204
    assert told.exit_code == 0
    assert any("capped at 20 requests/s" in caveat for caveat in told.report["caveats"])


def check_stopped(told: Told, reason: str) -> None:
    events, _ = read_events(told.directory.events)
    (stop,) = [event for event in events if event.name == "load_stopped"]
    assert stop.fields["reason"] == reason
    assert stop.fields["value"] > stop.fields["limit"]
    assert told.phases() == ["baseline", "load", "cooldown"]
    load, cooldown = told.report["phases"][1:]
    assert load["seconds"] < 30
    assert cooldown["seconds"] > 2.5
    assert told.report["verdict"]["sentence"].startswith("Partial run: the load was stopped at")
    assert told.report["run"]["end_reason"] == "load_stopped"
    gates = {gate["rule"]: gate["passed"] for gate in told.report["gates"]}
    assert gates["load_completed"] is False
    assert told.exit_code == 1
    assert len(re.findall(r"(?m)^error: the load is stopped: ", told.console)) == 1


@EITHER
def test_a_service_that_fails_is_left_alone(perform: Any, tmp_path: Path) -> None:
    words = ("--users", "10", "--spawn-rate", "10", "--load", "60")
    switch = ("--stop-error-rate", "0.5", "--stop-seconds", "3")
    check_stopped(perform(tmp_path, *words, *switch, **ALL_FAIL), "error_rate")


@EITHER
def test_a_service_that_is_full_is_left_alone_in_mid_ramp(perform: Any, tmp_path: Path) -> None:
    # The ramp alone would last 50 s.
    words = ("--users", "50", "--spawn-rate", "1", "--load", "60")
    check_stopped(perform(tmp_path, *words, *FULL), "memory")


def test_a_staircase_leaves_out_the_stairs_to_come(tmp_path: Path) -> None:
    words = ("--plan", "staircase", "--users", "10", "--spawn-rate", "10", "--load", "25")
    told = alone(tmp_path, *words, *FULL)
    assert told.phases() == ["baseline", "load-1", "cooldown"]


def test_more_users_than_the_cap_are_refused_before_anything_starts(tmp_path: Path) -> None:
    done = run(*PLAN, "--users", "21", "--max-users", "20", runs=tmp_path)
    assert done.returncode == 2
    assert "21 users are above MAX_USERS=20" in done.stderr
    assert "starting the target" not in done.stderr
    assert not list(tmp_path.iterdir())
