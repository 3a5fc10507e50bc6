"""A plan that grows in mid-run, and users that follow what a phase selects."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import gevent
import pytest
from locust import User
from locust.env import Environment

from harness.isolating import Isolating, _why, check_isolating
from harness.selecting import Selecting, follow_selection
from scenarios.errors import UsageError
from scenarios.isolation import with_endpoints_alone
from scenarios.loading import load_scenario
from scenarios.model import Endpoint, PhaseSettings, Scenario, Target, Tier
from scenarios.phases import PhasePlan, make_plan
from scenarios.selection import EVERYTHING, Selection
from scenarios.shape import PlannedShape
from scenarios.users import user_class_for
from tests.with_locust.test_shape import Listener, shape_at

DEMO = load_scenario(Path(__file__).parents[2] / "scenarios" / "demo.toml")
SETTINGS = PhaseSettings(plan="attribution", users=5)


class Growing(Listener):
    """Puts one endpoint alone before the mix, once, after three ticks of thought."""

    def __init__(self, plan: PhasePlan) -> None:
        super().__init__(plan)
        self.asked = 0
        self.shape = PlannedShape()

    def may_begin(self, plan: PhasePlan, index: int) -> bool:
        if plan.phases[index].name != "load" or self.asked > 3:
            return True
        self.asked += 1
        if self.asked > 3:
            endpoint = Endpoint("/slow", Tier.HEAVY)
            self.shape.plan, _ = with_endpoints_alone(plan, SETTINGS, [endpoint])
        return False


def test_phases_that_are_put_in_before_the_mix_are_followed_in_full() -> None:
    listener = Growing(make_plan(SETTINGS, (Tier.HEAVY,)))
    shape, now = shape_at(listener)
    listener.shape = shape
    begun: dict[str, float] = {}
    for _ in range(1000):
        before = len(listener.told)
        if shape.tick() is None:
            break
        if len(listener.told) > before:
            begun[str(listener.told[-1])] = now[0]
        now[0] += 1.0
    names = list(begun)
    assert names[-5:] == [
        "load-1-get-slow-single",
        "load-1-get-slow",
        "rest-1-get-slow",
        "load",
        "cooldown",
    ]
    assert begun["load"] - begun["rest-1-get-slow"] == SETTINGS.rest_seconds
    assert listener.told[-1] == "completed"


def test_users_ask_what_the_phase_selects_and_pause_as_it_says() -> None:
    user_class = user_class_for(DEMO, "http://127.0.0.1:1")
    environment = Environment(user_classes=[user_class])
    user: Any = user_class(environment)
    selecting = Selecting(environment)
    selecting.select(Selection(endpoints=("GET /health",), paced=False))
    assert {user.next_endpoint().key for _ in range(20)} == {"GET /health"}
    assert user.wait_time() == 0.0
    selecting.select(EVERYTHING)
    assert len({user.next_endpoint().key for _ in range(100)}) == len(DEMO.endpoints)
    assert user.wait_time() >= 0.1


def test_with_a_seed_two_runs_draw_the_same() -> None:
    drawn = []
    for _ in range(2):
        user_class: Any = user_class_for(DEMO, "http://127.0.0.1:1")
        environment = Environment(user_classes=[user_class])
        Selecting(environment)
        environment.events.test_start.fire(environment=environment)
        environment.parsed_options = Namespace(seed=7)
        users = [user_class(environment), user_class(environment)]
        drawn.append([[user.next_endpoint().key for _ in range(30)] for user in users])
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[0][1]


def test_what_a_hand_written_class_asks_cannot_be_isolated() -> None:
    written = Scenario("own", Target("http://127.0.0.1:1"), user_class="mine.py:Mine")
    plan = make_plan(SETTINGS, tuple(Tier))
    with pytest.raises(UsageError, match="cannot be isolated"):
        check_isolating(plan, written, SETTINGS, 0.1)
    check_isolating(make_plan(PhaseSettings()), written, SETTINGS, 0.1)
    both = replace(written, endpoints=DEMO.endpoints)
    with pytest.raises(UsageError, match="a copy of the scenario without user_class"):
        check_isolating(plan, both, SETTINGS, 0.1)


def test_an_endpoint_of_two_tiers_cannot_be_isolated() -> None:
    first = DEMO.endpoints[0]
    again = next(replace(first, tier=tier) for tier in Tier if tier is not first.tier)
    twice = replace(DEMO, endpoints=(*DEMO.endpoints, again))
    plan = make_plan(SETTINGS, tuple(Tier))
    with pytest.raises(
        UsageError, match=f"{first.key}, which is in the tiers .* a name of its own"
    ):
        check_isolating(plan, twice, SETTINGS, 0.1)
    named = replace(again, name="again")
    check_isolating(plan, replace(DEMO, endpoints=(*DEMO.endpoints, named)), SETTINGS, 0.1)


def test_a_rest_without_enough_samples_is_refused_before_the_run() -> None:
    plan = make_plan(SETTINGS, tuple(Tier))
    check_isolating(plan, DEMO, SETTINGS, 0.1)
    with pytest.raises(UsageError, match=r"12 samples; with one every 1\.5 s that is 18 s"):
        check_isolating(plan, DEMO, SETTINGS, 1.5)


def joined(master: Environment, port: int) -> Any:
    """The user class of a worker that has just joined over Locust's own wire."""
    user_class = user_class_for(DEMO, "http://127.0.0.1:1")
    worker = Environment(user_classes=[user_class])
    worker.create_worker_runner("127.0.0.1", port)
    follow_selection(worker)
    return user_class


def test_a_worker_that_joins_in_mid_phase_is_told_what_it_isolates() -> None:
    environment = Environment(user_classes=[])
    master = environment.create_master_runner("127.0.0.1", 0)
    selecting = Selecting(environment)
    first, second = Selection(endpoints=("GET /health",)), Selection(tiers=(Tier.HEAVY,))
    early = joined(environment, master.server.port)
    selecting.select(first)
    late = joined(environment, master.server.port)
    with gevent.Timeout(10):
        while (early.selection, late.selection) != (first, first):
            gevent.sleep(0.01)
        selecting.select(second)
        while (early.selection, late.selection) != (second, second):
            gevent.sleep(0.01)
    master.quit()


def test_a_class_written_by_hand_keeps_its_own_attributes() -> None:
    class Mine(User):
        numbers = (1, 2, 3)
        selection = "cheap"

    environment = Environment(user_classes=[Mine])
    selecting = Selecting(environment)
    environment.events.test_start.fire(environment=environment)
    selecting.select(Selection(tiers=(Tier.LIGHT,)))
    assert (Mine.numbers, Mine.selection) == ((1, 2, 3), "cheap")


def test_requests_that_share_method_and_name_are_one_endpoint() -> None:
    twice = Scenario(
        "own",
        Target("http://127.0.0.1:1"),
        (Endpoint("/q", Tier.HEAVY, json={"a": 1}), Endpoint("/q", Tier.HEAVY, json={"a": 2})),
    )
    assert Isolating(twice, SETTINGS, print)._of(["heavy"]) == []


def test_a_load_that_was_ended_meanwhile_gets_no_more_phases() -> None:
    plan = make_plan(SETTINGS, tuple(Tier))
    isolating = Isolating(DEMO, SETTINGS, print)
    isolating._asking = gevent.spawn(list, DEMO.endpoints)
    isolating._asking.join()
    assert isolating.grown(plan, len(plan.phases) - 1) is None


def test_why_the_reports_do_not_answer_is_said_in_their_words() -> None:
    refused = CalledProcessError(
        2, ["x"], stderr="python -m reports: r: not measured so far: heavy\n"
    )
    assert _why(refused) == "r: not measured so far: heavy"
    assert _why(ValueError("torn")) == "ValueError"
