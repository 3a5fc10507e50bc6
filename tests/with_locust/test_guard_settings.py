"""Which guards hold: options before the scenario, and more for a host that is not loopback."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

import pytest

from harness.guards.choosing import check_users, choose_guards, guards_in_words, stop_rules
from scenarios.errors import UsageError
from scenarios.loading import validate
from scenarios.model import Guards, Scenario

LOOPBACK, FOREIGN = "http://127.0.0.1:8000", "https://staging.example.com"


def scenario(**guards: object) -> Scenario:
    endpoint = {"path": "/", "tier": "light"}
    weights = {"light": 1, "medium": 0, "heavy": 0}
    content = {
        "name": "a",
        "target": {"base_url": LOOPBACK},
        "weights": weights,
        "endpoints": [endpoint],
        "guards": guards,
    }
    return validate(content, "a.toml")


def options(**given: object) -> Namespace:
    return Namespace(**given)


def test_on_loopback_nothing_is_on_by_itself() -> None:
    guards = choose_guards(options(), scenario(), LOOPBACK)
    assert guards == Guards(stop_seconds=10.0)
    assert (stop_rules(guards).any, guards_in_words(guards)) == (False, "")


def test_elsewhere_the_stop_switch_is_on() -> None:
    rules = stop_rules(choose_guards(options(), scenario(), FOREIGN))
    assert (rules.error_rate, rules.memory, rules.seconds) == (0.5, 0.95, 10.0)


def test_a_share_of_one_switches_a_rule_off() -> None:
    guards = choose_guards(options(stop_error_rate=1.0, stop_memory=1.0), scenario(), FOREIGN)
    assert not stop_rules(guards).any


def test_options_stand_before_the_scenario() -> None:
    guards = choose_guards(
        options(max_users=50, max_rps=None), scenario(max_users=5, max_rps=7), LOOPBACK
    )
    assert (guards.max_users, guards.max_rps) == (50, 7.0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"max_users": 0}, "--max-users 0"),
        ({"max_rps": -1.0}, "--max-rps -1"),
        ({"stop_error_rate": 50.0}, "--stop-error-rate 50"),
        ({"stop_seconds": 0.0}, "--stop-seconds 0"),
    ],
)
def test_a_figure_that_cannot_be_is_told_with_its_option(
    given: dict[str, object], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        choose_guards(options(**given), scenario(), LOOPBACK)


def test_more_users_than_the_cap_are_refused() -> None:
    check_users(20, Guards(max_users=20))
    with pytest.raises(UsageError, match="21 users are above MAX_USERS=20"):
        check_users(21, Guards(max_users=20))


def test_what_holds_is_told_in_one_line() -> None:
    guards = Guards(max_users=50, max_rps=20, stop_error_rate=0.5, stop_memory=0.95, stop_seconds=5)
    assert guards_in_words(guards) == (
        "guards: at most 50 users, at most 20 requests/s, stops above 50% failed requests, stops"
        " above 95% of the memory limit (5 s)"
    )
    assert guards_in_words(replace(guards, stop_memory=1.0, stop_error_rate=1.0)) == (
        "guards: at most 50 users, at most 20 requests/s"
    )


def test_an_unknown_key_in_the_table_is_told() -> None:
    with pytest.raises(UsageError, match=r"\[guards\]: unknown key 'max_user'; expected one of"):
        scenario(max_user=3)
