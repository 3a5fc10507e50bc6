"""Verdicts on live runs of the demo service, whose truth is a switch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rundir import RunDirectory
from tests.live.suite import only_run, run

pytestmark = pytest.mark.live

LEAK = {"DEMO_LEAK_BYTES": "100000", "DEMO_LEAK_TIER": "all"}
USERS = ("--users", "6", "--spawn-rate", "6")
ONE = ("--baseline", "2", "--load", "36", "--cooldown", "3", *USERS)
SHORT = ("--baseline", "1", "--load", "8", "--cooldown", "2", *USERS)


def reported(*words: str, runs: Path, **switches: str) -> dict[str, Any]:
    run(*words, runs=runs, **switches)
    content: dict[str, Any] = json.loads(RunDirectory(only_run(runs)).report_json.read_text())
    return content


def test_a_leak_of_100_kb_is_reported_with_its_rate(tmp_path: Path) -> None:
    found = reported(*ONE, runs=tmp_path, **LEAK)
    assert found["verdict"]["memory"] == "leak"
    assert found["leak"]["bytes_per_request"] == pytest.approx(100_000, rel=0.15)
    assert found["leak"]["seconds_to_limit"] > 0


def test_in_a_short_run_a_leak_cannot_be_told_from_a_warm_up(tmp_path: Path) -> None:
    verdict = reported(*SHORT, runs=tmp_path, **LEAK)["verdict"]
    assert (verdict["fit"], verdict["memory"]) == ("fits", "cannot_tell")
    assert "two minutes" in verdict["would_decide"]


def test_memory_per_user_is_read_off_a_staircase(tmp_path: Path) -> None:
    plan = ("--plan", "staircase", "--steps", "4", "--load", "24", "--users", "8")
    rest = ("--baseline", "2", "--cooldown", "2", "--spawn-rate", "8")
    found = reported(*plan, *rest, runs=tmp_path, DEMO_USER_MIB="10")["scaling"]
    assert found["model"] == "linear"
    assert found["bytes_per_user"] == pytest.approx(10 * 2**20, rel=0.15)


def test_two_waves_are_one_run(tmp_path: Path) -> None:
    words = ("--plan", "two-wave", "--load", "5", "--baseline", "1", "--cooldown", "2")
    found = reported(*words, "--users", "4", "--spawn-rate", "4", runs=tmp_path)
    names = [phase["name"] for phase in found["phases"]]
    assert names == ["baseline", "load", "cooldown", "load-2", "cooldown-2"]
    assert all(phase["requests"] > 0 for phase in found["phases"] if "load" in phase["name"])
