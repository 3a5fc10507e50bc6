"""What run.json keeps of a scenario and its options, and what is a secret."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from harness.run_record import run_record, scenario_as_json
from harness.target import TargetChoice
from scenarios.loading import validate
from scenarios.model import Scenario
from scenarios.phases import make_plan

SECRET = "s3cret"


def scenario() -> Scenario:
    endpoint = {
        "path": "/",
        "tier": "light",
        "headers": {"X-Auth-Token": SECRET, "Authorization": SECRET, "Accept": "text/plain"},
    }
    return validate(
        {
            "name": "held",
            "target": {"base_url": "http://127.0.0.1:8000", "env": {"PASSWORD": SECRET}},
            "weights": {"light": 1, "medium": 0, "heavy": 0},
            "endpoints": [endpoint],
            "phases": {"plan": "connections"},
            "connections": {
                "kind": "events",
                "path": f"/events?token={SECRET}",
                "count": 1,
                "headers": {"X-Who": SECRET},
            },
        },
        "x.toml",
    )


def test_secrets_of_a_scenario_are_cut_and_their_names_kept() -> None:
    content = scenario_as_json(scenario(), Path())
    assert SECRET not in str(content)
    assert content["endpoints"][0]["headers"] == {
        "X-Auth-Token": "***",
        "Authorization": "***",
        "Accept": "text/plain",
    }
    assert content["connections"]["headers"] == {"X-Who": "***"}
    assert content["connections"]["path"] == "/events"


def test_the_path_of_open_connections_is_recorded_without_its_query() -> None:
    given = scenario()
    options = Namespace(
        connections=None,
        connection_kind=None,
        connection_path=f"/other?token={SECRET}",
        read_bytes_per_second=None,
        num_users=1,
        spawn_rate=1,
        master=False,
        worker=False,
        sample_interval=1.0,
        memory_source="auto",
        memory_limit=None,
        follows=None,
    )
    plan = make_plan(given.phases)
    choice = TargetChoice("http://127.0.0.1:8000", port=8000)
    record = run_record(given, Path("x.toml"), plan, choice, 1, None, options, "headless")
    assert record["connections"]["path"] == "/other"
    assert SECRET not in str(record)
