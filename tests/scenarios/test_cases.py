"""Definitions of cases: validated once, told with file, table and key."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from scenarios.cases.filling import filled
from scenarios.cases.loading import FOLDER, case_names, load_case, scenario_file, validate_case
from scenarios.errors import UsageError
from scenarios.loading import load_scenario

FIVE_MINUTES = 300
AROUND_A_RUN = 15
"""Seconds to start a service, and to write a report."""


def content() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "worker-recycling.toml").read_text())


@pytest.mark.parametrize("name", case_names())
def test_a_shipped_case_is_valid_and_promises_something(name: str) -> None:
    promise = load_case(name).promise
    words = (*promise.before.job, *promise.after.fit, *promise.better)
    assert words or promise.held_growth_halved


@pytest.mark.parametrize("name", case_names())
def test_both_runs_of_a_case_are_planned_for_less_than_five_minutes(name: str) -> None:
    case = load_case(name)
    loads = [side.load_seconds or case.load.load_seconds for side in (case.before, case.after)]
    rest = case.load.baseline_seconds + case.load.cooldown_seconds
    assert sum(loads) + 2 * (rest + AROUND_A_RUN) <= FIVE_MINUTES


@pytest.mark.parametrize("name", case_names())
def test_a_case_loads_a_scenario_that_leaves_its_switches_to_the_case(name: str) -> None:
    case = load_case(name)
    if not (FOLDER / case.load.scenario).resolve().exists():
        pytest.skip(f"{case.load.scenario} is not shipped yet")
    own = load_scenario(scenario_file(case)).target.env
    assert not set(own) & {*case.before.env, *case.after.env}


def test_an_unknown_case_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'nope': no such case; there are .*strategies"):
        load_case("nope")


@pytest.mark.parametrize(
    ("table", "key", "value", "told"),
    [
        ("load", "colour", "red", r"worker-recycling\.toml: \[load\]: unknown key 'colour'"),
        ("load", "users", 0, r"\[load\]: key 'users': .*greater than or equal to 1, got 0"),
        ("load", "memory_limit", "much", r"\[load\]: key 'memory_limit': .*, got 'much'"),
        ("before", "env", {"A": "{jitter}"}, r"\[before\.env\]: key 'A': '\{jitter\}' is not"),
        ("after", "env", {"A": "{users}"}, r"\[after\.env\]: key 'A': '\{users\}' is not known"),
        ("promise", "better", ["speed"], r"\[promise\.better\]: key '0': input should be"),
        ("promise", "before", {"job": ["leak"]}, r"\[promise\]: it promises words on a job"),
    ],
)
def test_a_mistake_is_told_with_its_table_and_key(
    table: str, key: str, value: Any, told: str
) -> None:
    wrong = content()
    wrong[table][key] = value
    with pytest.raises(UsageError, match=told):
        validate_case(wrong, "worker-recycling.toml")


@pytest.mark.parametrize("promise", [{}, {"better": [], "after": {"memory": []}}])
def test_a_case_that_promises_nothing_is_refused(promise: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"x\.toml: \[promise\]: it promises nothing"):
        validate_case(content() | {"promise": promise}, "x.toml")


def test_a_missing_text_is_told() -> None:
    wrong = content()
    del wrong["fix"]["why"]
    with pytest.raises(UsageError, match=r"x\.toml: \[fix\]: key 'why' is missing"):
        validate_case(wrong, "x.toml")


def test_the_advice_of_the_first_run_is_put_into_the_second() -> None:
    env = {"GUNICORN_CMD_ARGS": "--max-requests {max_requests}", "DEMO_LEAK_TIER": "all"}
    found = filled(env, {"max_requests": 2000})
    assert found == {"GUNICORN_CMD_ARGS": "--max-requests 2000", "DEMO_LEAK_TIER": "all"}


def test_advice_that_was_not_given_is_told_with_what_to_do() -> None:
    with pytest.raises(UsageError, match=r"advises no max_requests.*longer load"):
        filled({"A": "{max_requests}"}, {"max_requests": None})
