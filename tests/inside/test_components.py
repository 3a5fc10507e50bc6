"""Who allocated what stays, on a service whose parts keep a known number of bytes per request."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from harness.inside import TRACED_START_FACTOR, Inside
from rundir import RunDirectory
from tests.inside.parts.frames import FRAME_BYTES
from tests.inside.parts.history import HISTORY_BYTES
from tests.inside.scenarios import scenario, uvicorn
from tests.live.suite import ROOT, SHORT, run

pytestmark = pytest.mark.live

COMPONENTS = """
[components]
history = ["tests.inside.parts.history"]
"data frames" = ["tests.inside.parts.frames"]
framework = ["fastapi", "starlette", "uvicorn"]
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int, str]:
    """The measured run's report, the requests that kept something in the traced run, the output."""
    folder = tmp_path_factory.mktemp("parts")
    file = scenario(folder, uvicorn("tests.inside.parts.app:app"), heavy="/keep", more=COMPONENTS)
    runs = folder / "runs"
    done = run(*SHORT, "--scenario", str(file), "--inside", "yes", runs=runs)
    assert done.returncode == 0, done.stdout + done.stderr
    (measured,) = runs.iterdir()
    words = ["-m", "harness.proving", "components", str(measured), "--load", "5"]
    traced = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert traced.returncode == 0, traced.stderr
    (other,) = set(runs.iterdir()) - {measured}
    content: dict[str, Any] = json.loads(RunDirectory(measured).report_json.read_text())
    return content, requests_of(other.name, runs), traced.stdout


def requests_of(name: str, runs: Any) -> int:
    entries = json.loads(RunDirectory(runs / name).locust_stats_json.read_text())["entries"]
    return int(next(e["num_requests"] for e in entries if e["name"] == "/keep"))


def test_a_traced_start_may_take_longer() -> None:
    assert Inside("yes").start_timeout(30) == 30
    assert Inside("yes", components={}).start_timeout(30) == 30 * TRACED_START_FACTOR


def test_each_component_holds_what_its_requests_kept(
    told: tuple[dict[str, Any], int, str],
) -> None:
    content, requests, _ = told
    held = {row["name"]: row for row in content["inside"]["components"]["components"]}
    assert held["history"]["growth_bytes"] == pytest.approx(requests * HISTORY_BYTES, rel=0.1)
    assert held["data frames"]["growth_bytes"] == pytest.approx(requests * FRAME_BYTES, rel=0.1)


def test_the_breakdown_says_how_much_it_explains_and_what_tracing_cost(
    told: tuple[dict[str, Any], int, str],
) -> None:
    content, requests, output = told
    components = content["inside"]["components"]
    kept = requests * (HISTORY_BYTES + FRAME_BYTES)
    assert components["traced_growth_bytes"] == pytest.approx(kept, rel=0.15)
    assert components["growth_bytes"] == pytest.approx(kept, rel=0.3)
    assert components["rate_ratio"] < 1.2
    assert output.startswith("explained ")
    assert "tests.inside.parts.history:9" in output


def test_nothing_is_measured_while_allocations_are_traced(
    told: tuple[dict[str, Any], int, str],
) -> None:
    content, _, _ = told
    events = {caveat for caveat in content["caveats"] if "traced" in caveat}
    assert not events
    assert content["run"]["directory"] != content["inside"]["components"]["run"]
