"""The parts of what stays after a load, on a service that leaves known amounts of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rundir import RunDirectory
from tests.inside.scenarios import scenario, uvicorn
from tests.live.suite import SHORT, only_run, run

pytestmark = pytest.mark.live

MIB = 1024 * 1024
SHARES = {"GARBAGE": 60, "SLACK": 90, "LIVE": 45}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("split")
    env = {name: str(share) for name, share in SHARES.items()} | {"MALLOC_ARENA_MAX": "1"}
    file = scenario(folder, uvicorn("tests.inside.hoarding_app:app"), env=env)
    words = (*SHORT, "--cooldown", "4", "--scenario", str(file), "--inside", "yes")
    done = run(*words, runs=folder / "runs")
    assert done.returncode == 0, done.stdout + done.stderr
    text = RunDirectory(only_run(folder / "runs")).report_json.read_text()
    content: dict[str, Any] = json.loads(text)
    return content


@pytest.mark.parametrize(
    ("part", "share"),
    [("garbage_bytes", "GARBAGE"), ("slack_bytes", "SLACK"), ("live_bytes", "LIVE")],
)
def test_each_part_is_within_15_percent_of_the_truth(
    report: dict[str, Any], part: str, share: str
) -> None:
    assert report["recovery"]["split"][part] == pytest.approx(SHARES[share] * MIB, rel=0.15)


def test_the_live_part_is_told_by_its_type(report: dict[str, Any]) -> None:
    top = report["inside"]["types"][0]
    assert top["type"] == "bytes"
    assert top["growth_bytes"] == pytest.approx(SHARES["LIVE"] * MIB, rel=0.05)
    assert report["inside"]["explained"]["growth_bytes"] >= top["growth_bytes"] * 0.95
