"""The variables of make in which a run differed from its scenario."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.run_record import run_record
from harness.target import TargetChoice
from reports.run_again import parse_run_again
from scenarios.loading import load_scenario
from scenarios.model import PhaseSettings, PlanKind
from scenarios.phases import PLANS, make_plan

DEMO = Path(__file__).parents[2] / "scenarios" / "demo.toml"
SCENARIO = load_scenario(DEMO)


def record(settings: PhaseSettings = SCENARIO.phases, **given: Any) -> dict[str, Any]:
    """What a run of the demo with these settings and options writes down."""
    options = {
        "sample_interval": 0.1, "memory_source": "auto", "memory_limit": None, "num_users": None,
        "spawn_rate": None, "master": False, "follows": None,
    } | given  # fmt: skip
    choice = TargetChoice("http://127.0.0.1:8000", command=("uvicorn",))
    plan = make_plan(settings)
    return run_record(SCENARIO, DEMO, plan, choice, None, None, Namespace(**options), "headless")


@pytest.mark.parametrize("kind", [*sorted({*PLANS} - {"connections", "manual"}), "attribution"])
def test_a_plan_is_told_by_its_own_variables(kind: PlanKind) -> None:
    settings = replace(
        SCENARIO.phases,
        plan=kind,
        users=8,
        spawn_rate=4.0,
        baseline_seconds=11.0,
        load_seconds=62.5,
        cooldown_seconds=12.0,
    )
    expected = {"USERS": "8", "SPAWN_RATE": "4", "BASELINE": "11", "LOAD": "62.5", "COOLDOWN": "12"}
    plan = {} if kind == SCENARIO.phases.plan else {"PLAN": kind}
    assert dict(parse_run_again(record(settings)).settings) == plan | expected


def test_what_the_scenario_says_itself_is_not_told() -> None:
    assert parse_run_again(record()).settings == ()


def test_limits_and_caps_are_told() -> None:
    content = record(memory_limit="512MiB")
    content |= {"under_limit": {"limit_bytes": 2**28}, "guards": {"max_users": 30, "max_rps": 12.5}}
    assert dict(parse_run_again(content).settings) == {
        "LIMIT": "512MiB", "UNDER": "268435456", "MAX_USERS": "30", "MAX_RPS": "12.5"
    }  # fmt: skip


def test_connections_are_told_by_what_was_held_open() -> None:
    settings = replace(SCENARIO.phases, plan="connections", users=50)
    content = record(
        settings,
        connections=50,
        connection_kind="events",
        connection_path="/api/events",
        read_bytes_per_second=1000.0,
    )
    assert dict(parse_run_again(content).settings) == {
        "PLAN": "connections", "CONNECTIONS": "50", "KIND": "events", "ENDPOINT": "/api/events",
        "READ_RATE": "1000",
    }  # fmt: skip


def test_a_light_path_is_one_that_needs_no_values() -> None:
    content = record()
    assert parse_run_again(content).light_path == "/health"
    first, *others = content["scenario"]["endpoints"]
    content["scenario"]["endpoints"] = [{**first, "path": "/${id}"}, *others]
    assert parse_run_again(content).light_path == "/"
    content["scenario"]["endpoints"] = []
    assert parse_run_again(content).light_path == "/health"


@pytest.mark.parametrize(
    "more",
    [
        {"path": "/find?api_key=s3cret"},
        {"query": {"q": "x"}},
        {"headers": {"X-Who": "***"}},
        {"expect_status": [404]},
    ],
)
def test_a_path_that_needs_more_or_holds_more_is_no_light_path(more: dict[str, Any]) -> None:
    content = record()
    content["scenario"]["endpoints"] = [{**content["scenario"]["endpoints"][0], **more}]
    content["scenario"]["target"]["health"] = "/alive"
    assert parse_run_again(content).light_path == "/alive"


@pytest.mark.parametrize("wrong", [{"users": "3"}, {"seconds": "x"}, {"spawn_rate": []}])
def test_phases_that_hold_no_numbers_are_no_trace_of_errors(wrong: dict[str, Any]) -> None:
    content = record()
    content["plan"]["phases"] = [one | wrong for one in content["plan"]["phases"]]
    parse_run_again(content)


def test_without_the_scenario_nothing_is_known_to_differ() -> None:
    assert parse_run_again({"plan": {"kind": "steady", "phases": []}}).settings == ()
