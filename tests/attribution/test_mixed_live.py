"""A real run of the demo in which one endpoint leaks, and nobody asks the endpoints alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rundir import RunDirectory
from tests.live.suite import only_run, run

pytestmark = pytest.mark.live

SCENARIO = str(Path(__file__).parent / "waves.toml")
PHASES = ("--baseline", "2", "--load", "54", "--cooldown", "3", "--users", "4", "--spawn-rate", "4")
LEAK = 100_000


def test_the_endpoint_that_leaks_is_named_in_an_ordinary_run(tmp_path: Path) -> None:
    words = ("--scenario", SCENARIO, *PHASES)
    run(*words, runs=tmp_path, DEMO_LEAK_BYTES=str(LEAK), DEMO_LEAK_TIER="heavy")
    content = json.loads(RunDirectory(only_run(tmp_path)).report_json.read_text())
    rows = {row["name"]: row for row in content["endpoints"]}
    assert content["verdict"]["memory"] == "leak"
    assert rows["/api/v1/analysis"]["retained_bytes_per_request"] == pytest.approx(LEAK, rel=0.15)
    assert rows["/api/v1/quote"]["retained_bytes_per_request"] is None
    assert rows["/api/v1/quote"]["retained_below_bytes"] < LEAK / 2
    assert content["not_separated"] == []
