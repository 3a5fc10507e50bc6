"""The plan and the table: what is opened when, and which mistakes are told how."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scenarios.errors import UsageError
from scenarios.loading import load_scenario, validate
from scenarios.model import PhaseSettings
from scenarios.phases import check_ramps, make_plan
from tests.scenarios.test_loading import LEAST

SETTINGS = PhaseSettings(plan="connections", users=200)
SHIPPED = Path(__file__).parents[2] / "scenarios/demo-events.toml"


def with_table(**keys: Any) -> dict[str, Any]:
    return LEAST | {"connections": {"kind": "events", "path": "/events", **keys}}


def test_connections_are_opened_in_equal_stairs_held_as_long_and_closed() -> None:
    plan = make_plan(SETTINGS)
    assert [(one.name, one.seconds, one.users) for one in plan.phases] == [
        ("baseline", 30, 0),
        *((f"load-{step}", 12, 40 * step) for step in range(1, 6)),
        ("load-hold", 60, 200),
        ("cooldown", 30, 0),
    ]


def test_a_stair_is_climbed_in_a_fifth_of_its_length_however_many_are_opened() -> None:
    plan = make_plan(replace(SETTINGS, users=20_000, load_seconds=10))
    check_ramps(plan)
    first = plan.phases[1]
    assert first.users / first.spawn_rate == pytest.approx(0.2 * first.seconds)


def test_fewer_connections_than_stairs_are_still_a_plan() -> None:
    assert [one.users for one in make_plan(replace(SETTINGS, users=2)).phases][-2:] == [2, 0]


def test_the_shipped_scenario_opens_two_hundred_streams() -> None:
    found = load_scenario(SHIPPED)
    assert found.phases.plan == "connections"
    assert found.connections is not None
    assert (found.connections.kind, found.connections.count) == ("events", 200)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"kind": "websocket"}, ("[connections]: key 'kind'", "'keep-alive' or 'events'")),
        ({"path": "events"}, ("[connections]: key 'path'",)),
        ({"count": 0}, ("[connections]: key 'count'", "greater")),
        ({"touch": 2}, ("[connections]: unknown key 'touch'", "touch_seconds")),
        ({"path": "/events/${id}"}, ("[connections]: ${...} is not filled in",)),
        ({"kind": "keep-alive", "read_bytes_per_second": 10}, ("'events' only",)),
    ],
)
def test_a_mistake_in_the_table_names_it(keys: dict[str, Any], words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        validate(with_table(**keys), "x.toml")
    for word in ("x.toml", *words):
        assert word in str(caught.value)
