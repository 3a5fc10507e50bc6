"""Attribution of the real demo service: who leaks and who borrows is a switch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rundir import RunDirectory
from tests.live.suite import only_run, run, run_with_workers

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

SCENARIO = """
name = "two-faults"
[target]
base_url = "http://127.0.0.1:0"
command = ["{python}", "-m", "uvicorn", "demo.app:app", "--port", "{port}", "--no-access-log"]
health = "/health"
[target.env]
MALLOC_ARENA_MAX = "1"
DEMO_LEAK_BYTES = "102400"
DEMO_LEAK_PATH = "/api/v1/quote"
DEMO_TRANSIENT_MIB = "40"
DEMO_TRANSIENT_PATH = "/api/ask"
DEMO_AI_SECONDS = "0.02"
[think_time]
min_seconds = 0.02
max_seconds = 0.08
[phases]
plan = "attribution"
users = 4
spawn_rate = 4
[weights]
light = 50
medium = 0
heavy = 50
[[endpoints]]
path = "/health"
tier = "light"
[[endpoints]]
path = "/api/v1/quote/AAPL"
tier = "heavy"
[[endpoints]]
method = "POST"
path = "/api/ask"
json = { question = "Why?", course = "algebra" }
tier = "heavy"
"""
LENGTHS = ("--baseline", "4", "--load", "8", "--cooldown", "4")
PARTS = ("--isolated", "5", "--single", "4", "--rest", "3")


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    path = tmp_path / "two-faults.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return str(path)


def report_of(directory: RunDirectory) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(directory.report_json.read_text(encoding="utf-8"))
    return content


def test_the_one_that_leaks_and_the_one_that_borrows_are_named(
    tmp_path: Path, scenario: str
) -> None:
    done = run("--scenario", scenario, *LENGTHS, *PARTS, "--seed", "1", runs=tmp_path / "runs")
    report = report_of(RunDirectory(only_run(tmp_path / "runs")))
    rows = {row["name"]: row for row in report["endpoints"]}
    leaks, borrows, plain = (rows[name] for name in ("/api/v1/quote/AAPL", "/api/ask", "/health"))
    assert leaks["retained_bytes_per_request"] == pytest.approx(100 * 1024, rel=0.15)
    assert borrows["transient_bytes"] == pytest.approx(40 * 2**20, rel=0.15)
    assert borrows["retained_bytes_per_request"] is None
    assert plain["retained_bytes_per_request"] is plain["transient_bytes"] is None
    assert plain["retained_below_bytes"] < 10 * 1024
    assert "GET /api/v1/quote/AAPL keeps" in report["verdict"]["sentence"]
    assert "tier heavy is looked at closer" in done.stderr
    assert abs(report["attribution"]["prediction"]["disagreement"]) < 0.2


def test_workers_ask_only_what_the_phase_isolates(tmp_path: Path, scenario: str) -> None:
    short = ("--isolated", "3", "--single", "2", "--rest", "2", "--load", "3")
    words = ("--baseline", "2", *short, "--cooldown", "2")
    run_with_workers(*words, runs=tmp_path / "runs", scenario=scenario)
    directory = RunDirectory(only_run(tmp_path / "runs"))
    asked = {
        row["phase"]: {entry["name"] for entry in row["entries"] if entry["requests"]}
        for row in json.loads(directory.locust_stats_json.read_text())["per_phase"]
    }
    assert asked["load-light"] == {"/health"}
    assert asked["load-heavy"] == {"/api/v1/quote/AAPL", "/api/ask"}
    assert asked["load-1-get-api-v1-quote-aapl"] == {"/api/v1/quote/AAPL"}
    assert asked["load-2-post-api-ask"] == {"/api/ask"}
    assert asked["load"] == {"/health", "/api/v1/quote/AAPL", "/api/ask"}
