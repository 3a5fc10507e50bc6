"""The attribution plan: parts alone, between rests, as far as the budget goes."""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from scenarios.errors import UsageError
from scenarios.isolation import mix_index, with_endpoints_alone
from scenarios.loading import load_scenario
from scenarios.mix import endpoint_choices, loaded_tiers
from scenarios.model import Endpoint, PhaseSettings, Tier
from scenarios.phases import make_plan
from scenarios.selection import Selection

SETTINGS = PhaseSettings(plan="attribution", users=10)
DEMO = load_scenario(Path(__file__).parents[2] / "scenarios" / "demo.toml")


def test_each_tier_is_alone_between_two_rests_before_the_mix() -> None:
    plan = make_plan(SETTINGS, (Tier.LIGHT, Tier.HEAVY))
    assert [phase.name for phase in plan.phases] == [
        "baseline",
        "load-warm-up",
        "rest-warm-up",
        "load-light-single",
        "load-light",
        "rest-light",
        "load-heavy-single",
        "load-heavy",
        "rest-heavy",
        "load",
        "cooldown",
    ]
    assert [phase.users for phase in plan.phases] == [0, 10, 0, 1, 10, 0, 1, 10, 0, 10, 0]
    assert plan.phases[mix_index(plan)].tiers == tuple(Tier)


def test_one_user_alone_does_not_pause() -> None:
    plan = make_plan(SETTINGS, (Tier.LIGHT,))
    assert [phase.name for phase in plan.phases if not phase.paced] == ["load-light-single"]


def test_endpoints_alone_come_before_the_mix_and_within_the_budget() -> None:
    plan = make_plan(SETTINGS, (Tier.HEAVY,))
    endpoints = [Endpoint(f"/a/{number}", Tier.HEAVY, method="POST") for number in range(30)]
    longer, left_out = with_endpoints_alone(plan, SETTINGS, endpoints)
    added = len(longer.phases) - len(plan.phases)
    assert added % 3 == 0 and added // 3 + len(left_out) == 30 and left_out
    assert longer.seconds <= SETTINGS.budget_minutes * 60 < longer.seconds + 34
    at = mix_index(plan)
    assert longer.phases[:at] == plan.phases[:at]
    assert longer.phases[at].name == "load-1-post-a-0-single"
    assert longer.phases[at].endpoints == ("POST /a/0",)
    assert longer.phases[-2:] == plan.phases[-2:]


def test_a_plan_beyond_its_budget_gets_no_more_phases() -> None:
    plan = make_plan(SETTINGS, tuple(Tier))
    tight = PhaseSettings(plan="attribution", users=10, budget_minutes=0.1)
    same, left_out = with_endpoints_alone(plan, tight, DEMO.endpoints)
    assert same == plan and left_out == DEMO.endpoints


def test_a_ramp_that_does_not_fit_into_a_part_is_refused() -> None:
    with pytest.raises(UsageError, match="load-warm-up"):
        make_plan(PhaseSettings(plan="attribution", users=1000), tuple(Tier))


def test_a_selection_of_a_tier_is_dealt_in_the_weights_within_it() -> None:
    chosen = Selection(tiers=(Tier.HEAVY,))
    drawn = islice(endpoint_choices(DEMO, random.Random(1), chosen), 100)
    assert Counter(one.key for one in drawn) == {
        "POST /api/v1/analysis": 50,
        "GET /api/v1/patterns/${symbol}": 50,
    }


def test_a_selection_of_one_endpoint_asks_nothing_else() -> None:
    chosen = Selection(endpoints=("POST /api/v1/analysis",))
    drawn = islice(endpoint_choices(DEMO, random.Random(1), chosen), 20)
    assert {one.key for one in drawn} == {"POST /api/v1/analysis"}


def test_a_selection_survives_the_way_to_a_worker() -> None:
    chosen = Selection((Tier.HEAVY,), ("GET /x",), paced=False)
    assert Selection.from_json(chosen.as_json()) == chosen


def test_a_tier_without_weight_is_not_loaded() -> None:
    assert loaded_tiers(DEMO) == tuple(Tier)


def test_a_rest_that_is_too_short_for_who_leaves_is_to_be_lengthened() -> None:
    with pytest.raises(UsageError, match=r"lengthen the phase to at least 1 s"):
        make_plan(PhaseSettings(plan="attribution", rest_seconds=0.5), tuple(Tier))
