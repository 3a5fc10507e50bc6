"""Users that cost memory: the figures, and a way on that is not refused."""

from __future__ import annotations

import shlex
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.run_record import scenario_as_json
from reports.findings import Scaling
from reports.hints.hint import Hint
from reports.hints.per_user import per_user
from scenarios.connections.options import connections_from
from scenarios.loading import load_scenario
from tests.hints.made_seen import MIB, seen_of
from tests.reports.made_run import MadeRun

DEMO = Path(__file__).parents[2] / "scenarios" / "demo.toml"
GROWS = Scaling("linear", 2.0 * MIB, (1.8 * MIB, 2.2 * MIB), measured_users=(5, 20))


def hint_of(made: MadeRun, **scenario: Any) -> Hint:
    hint = per_user(seen_of(made.but(run={"scenario": scenario}), scaling=GROWS))
    assert hint is not None
    return hint


def test_memory_per_user_is_cited_with_its_interval(made: MadeRun) -> None:
    hint = per_user(seen_of(made, scaling=GROWS))
    assert hint is not None
    assert hint.evidence == (
        "from 5 to 20 users memory grows by 2.0 MiB with each user (95 %: 1.8 MiB to 2.2 MiB),"
        " linear: 30.0 MiB, 14 % of the peak"
    )
    assert hint.command == ("make connections SCENARIO=my.toml KIND=keep-alive ENDPOINT=/light")
    assert hint.section == "scaling"


@pytest.mark.parametrize(("model", "each"), [("flat", 2.0 * MIB), ("linear", 0.2 * MIB)])
def test_users_that_cost_little_are_no_hint(made: MadeRun, model: str, each: float) -> None:
    little = replace(GROWS, model=model, bytes_per_user=each)
    assert per_user(seen_of(made, scaling=little)) is None


def test_the_connections_that_a_hint_asks_for_are_ones_that_the_plan_takes(made: MadeRun) -> None:
    scenario = load_scenario(DEMO)
    command = hint_of(made, **scenario_as_json(scenario, DEMO.parent)).command
    given = dict(word.split("=", 1) for word in shlex.split(command) if "=" in word)
    options = Namespace(
        connection_kind=given["KIND"], connection_path=given["ENDPOINT"], num_users=None
    )
    assert connections_from(options, scenario).path == "/health"


def test_a_scenario_that_says_what_to_hold_open_needs_no_more(made: MadeRun) -> None:
    held = {"kind": "events", "path": "/api/events"}
    assert hint_of(made, connections=held).command == "make connections SCENARIO=my.toml"


def test_where_users_are_a_class_of_ones_own_no_connections_are_asked_for(made: MadeRun) -> None:
    hint = hint_of(made, user_class="users.py:Shopper")
    assert hint.command.startswith("make compare") and "connection" not in hint.step


def test_where_each_user_was_a_connection_none_more_is_asked_for(made: MadeRun) -> None:
    held = {"connections": {"kind": "keep-alive", "path": "/", "count": 20}}
    assert per_user(seen_of(made.but(run=held), scaling=GROWS)) is None
