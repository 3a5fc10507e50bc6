"""A target in a real container: its limit is Docker's, its memory is read from outside."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.limits import docker_container
from tests.live.suite import ROOT, only_run, run

IMAGE = "python:3.11-slim-bookworm"
MIB = 2**20


def why_not() -> str:
    refused = docker_container.refusal()
    if refused:
        return refused
    found = subprocess.run(
        ["docker", "image", "inspect", IMAGE], capture_output=True, check=False
    ).returncode
    return "" if found == 0 else f"no image {IMAGE}"


pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(why_not()), reason=f"no Docker here: {why_not()[:100]}"),
]
SCENARIO = """\
name = "container"
[target]
base_url = "http://127.0.0.1:0"
command = ["docker", "run", "--rm", "--label", "{label}", "--network", "host",
  "-v", "{root}:/suite:ro", "-w", "/suite", "{image}",
  "python", "-m", "tests.proving.spiky_service", "{{port}}", "30", "40"]
health = "/light"
health_timeout_seconds = 60
[weights]
light = 60
medium = 0
heavy = 40
[[endpoints]]
path = "/light"
tier = "light"
[[endpoints]]
path = "/heavy"
tier = "heavy"
"""
PLAN = ("--baseline", "2", "--load", "6", "--cooldown", "2", "--users", "3", "--spawn-rate", "5")


def label_of(folder: Path) -> str:
    return f"plimsoll-test={folder.name}"


def report_under(limit: str, folder: Path) -> tuple[int, dict[str, Any]]:
    scenario = folder / "container.toml"
    scenario.write_text(SCENARIO.format(root=ROOT, image=IMAGE, label=label_of(folder)))
    done = run(
        "--scenario", str(scenario), "--run-under", limit, *PLAN, runs=folder / limit,
        DOCKER_HOST=os.environ.get("DOCKER_HOST", ""),
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    content: dict[str, Any] = json.loads((only_run(folder / limit) / "report.json").read_text())
    return done.returncode, content


def left_behind(folder: Path) -> str:
    """Ids of this test's containers; others may run beside it."""
    done = subprocess.run(
        ["docker", "ps", "-aq", "--filter", f"label={label_of(folder)}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_a_container_that_fits_its_limit_survives_and_is_removed(tmp_path: Path) -> None:
    code, found = report_under("200MiB", tmp_path)
    assert code == 0
    assert found["under_limit"]["way"] == "docker"
    assert found["under_limit"]["survived"] is True
    assert found["verdict"]["fit"] == "fits"
    # 30 MiB kept, 40 more for a moment, and the interpreter.
    assert 70 * MIB < found["sizing"]["peak_bytes"] < 110 * MIB
    assert left_behind(tmp_path) == ""


def test_a_container_killed_at_its_limit_is_told_with_time_and_process(tmp_path: Path) -> None:
    code, found = report_under("60MiB", tmp_path)
    assert code == 1
    assert found["under_limit"]["survived"] is False
    assert "killed for lack of memory" in " ".join(found["under_limit"]["happenings"])
    assert left_behind(tmp_path) == ""
