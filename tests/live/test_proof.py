"""Real runs under a real limit: the need of the target is known before they start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.limits.choosing import choose_way
from scenarios.errors import UsageError
from tests.live.suite import ROOT, only_run, run
from tests.proving.scenario import spiky_scenario, two_workers_scenario

MIB = 2**20
STEP = 8 * MIB


def no_way() -> str:
    try:
        choose_way()
    except UsageError as error:
        return str(error)
    return ""


pytestmark = [
    pytest.mark.live,
    pytest.mark.alone,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(no_way()), reason=f"no hard limit here: {no_way()[:100]}"),
]


def proving(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness.proving", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def report(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((path / "report.json").read_text())
    return content


@pytest.fixture(scope="module")
def spiky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a service that keeps 30 MiB and needs 48 MiB more for a moment."""
    folder = tmp_path_factory.mktemp("spiky")
    scenario = spiky_scenario(folder, base=30, spike=48)
    done = run("--scenario", str(scenario), runs=folder / "runs")
    assert done.returncode == 0, done.stderr
    return only_run(folder / "runs")


def test_the_smallest_limit_is_the_need_to_one_step_and_what_lies_below_is_refuted(
    spiky: Path,
) -> None:
    done = proving("find-limit", str(spiky), "--resolution", "8MiB")
    assert done.returncode == 0, done.stderr
    found = report(spiky)
    curve = found["limit_curve"]
    # The truth: what the idle service holds, one spike (two never overlap), and up to 1 MiB for
    # page tables and the stacks of the threads that answer.
    idle = found["measured"]["idle_bytes"]["value"]
    need = idle + 48 * MIB
    assert need <= curve["minimum_bytes"] <= need + MIB + STEP
    assert curve["minimum_bytes"] - curve["fails_bytes"] == STEP
    below = proving("verify", str(spiky), "--limit", str(int(0.9 * curve["minimum_bytes"])))
    assert below.returncode == 1
    assert "Refuted under" in below.stderr
    assert "was killed for lack of memory" in below.stderr
    assert report(spiky)["proofs"][-1]["word"] == "refuted"


def test_the_advised_size_is_verified_and_both_reports_say_so(spiky: Path) -> None:
    done = proving("verify", str(spiky))
    assert done.returncode == 0, done.stderr
    found = report(spiky)
    assert found["sizing"]["verified"] is True
    assert "Verified under" in found["verdict"]["sentence"]
    proof = spiky.parent / found["proofs"][-1]["run"]
    assert report(proof)["under_limit"]["survived"] is True


def test_one_of_two_workers_killed_is_refuted_while_the_master_lives(tmp_path: Path) -> None:
    scenario = two_workers_scenario(tmp_path, spike=60)
    # Two idle workers and the master fit; one spike on top of them does not. One user: with two
    # spikes that grow side by side the kernel may find the master to be the largest.
    limit = ("--run-under", "70MiB", "--users", "1")
    done = run("--scenario", str(scenario), *limit, runs=tmp_path / "runs")
    assert done.returncode == 1
    found = report(only_run(tmp_path / "runs"))
    assert found["under_limit"]["survived"] is False
    assert "killed for lack of memory" in " ".join(found["under_limit"]["happenings"])
    roles = {p["role"]: p for p in found["processes"] if p["died"] is None}
    assert "root" in roles


def test_a_limit_below_what_it_needs_to_start_is_said_in_one_line(tmp_path: Path) -> None:
    scenario = spiky_scenario(tmp_path, base=100, spike=1)
    done = run("--scenario", str(scenario), "--run-under", "40MiB", runs=tmp_path / "runs")
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert "does not start under 40.0 MiB" in line
    assert "Traceback" not in done.stderr


def test_worker_counts_are_tried_under_one_limit(tmp_path: Path) -> None:
    scenario = two_workers_scenario(tmp_path, spike=20)
    done = proving(
        "what-if", "--scenario", str(scenario), "--workers", "1,5", "--limit", "80MiB",
        "--runs-dir", str(tmp_path / "runs"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    content = json.loads((folder / "what_if.json").read_text())
    assert content["best_workers"] == 1
    assert [trial["survived"] for trial in content["trials"]] == [True, False]


def test_a_running_target_cannot_be_put_under_a_limit(tmp_path: Path) -> None:
    watched = ("--target-pid", str(os.getpid()), "--host", "http://127.0.0.1:9")
    done = run(*watched, "--run-under", "90MiB", runs=tmp_path)
    assert done.returncode == 2
    assert "needs a target that the suite starts" in done.stderr
