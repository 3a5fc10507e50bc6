"""Plans: which phase runs when, and which plan cannot be followed."""

from dataclasses import replace

import pytest

from scenarios.errors import UsageError
from scenarios.model import PhaseSettings
from scenarios.phases import make_plan

SETTINGS = PhaseSettings()


def test_the_default_plan_is_30_120_30_seconds_with_20_users() -> None:
    plan = make_plan(SETTINGS)
    shown = [(phase.name, phase.seconds, phase.users) for phase in plan.phases]
    assert shown == [("baseline", 30, 0), ("load", 120, 20), ("cooldown", 30, 0)]


@pytest.mark.parametrize(
    ("elapsed", "index"),
    [(0, 0), (29.9, 0), (30, 1), (149.9, 1), (150, 2), (179.9, 2), (180, None)],
)
def test_every_second_belongs_to_one_phase(elapsed: float, index: int | None) -> None:
    assert make_plan(SETTINGS).index_at(elapsed) == index


def test_a_ramp_that_does_not_fit_is_refused_with_the_arithmetic() -> None:
    with pytest.raises(UsageError) as caught:
        make_plan(replace(SETTINGS, users=100, spawn_rate=2, load_seconds=10))
    assert "100 / 2 = 50.0 s" in str(caught.value)
    assert "lasts 10 s" in str(caught.value)
    assert "at least 10" in str(caught.value)


def test_a_staircase_climbs_in_equal_steps_and_shares_the_load_time() -> None:
    plan = make_plan(replace(SETTINGS, plan="staircase"))
    assert [phase.users for phase in plan.phases] == [0, 4, 8, 12, 16, 20, 0]
    assert plan.seconds == 180


def test_a_soak_keeps_its_warm_up_apart() -> None:
    plan = make_plan(replace(SETTINGS, plan="soak", load_seconds=3600))
    assert [(phase.name, phase.seconds) for phase in plan.phases][1:3] == [
        ("load-warm-up", 300),
        ("load", 3300),
    ]
