"""The headless profile end to end: image, compose, workers, sidecar, report, exit code."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.docker.stack import CALLER, IMAGE, ROOT, composes, docker, needs_engine, stack

pytestmark = needs_engine
MIB = 2**20


@pytest.mark.parametrize("compose", composes(), ids=" ".join)
def test_two_workers_and_a_sidecar_make_one_report(
    image: str, tmp_path: Path, compose: list[str]
) -> None:
    with stack(tmp_path, compose=compose) as one:
        code, said = one.end()
        found = one.report()
        sidecar_samples = docker("exec", one.id("sidecar"), "ls", "/samples").split()
    assert code == 0, said
    assert [phase["name"] for phase in found["phases"]] == ["baseline", "load", "cooldown"]
    load = found["phases"][1]
    assert load["requests"] > 0 and load["failures"] == 0
    assert found["phases"][2]["requests"] == 0
    # The limit is the container's, and so are the totals: the sidecar and Locust do not count.
    assert load["memory_bytes"]["measure"] == "working_set"
    assert "256.0 MiB limit" in found["verdict"]["sentence"]
    assert load["memory_bytes"]["peak_high"] >= load["memory_bytes"]["max_sampled"] > 50 * MIB
    assert {path.stat().st_uid for path in one.run().rglob("*")} == {CALLER}
    assert (one.run() / "report.html").stat().st_size > 500_000
    assert sidecar_samples == [one.run().name]


def test_make_compose_test_hands_out_the_exit_code_of_the_gates_and_leaves_nothing(
    image: str, tmp_path: Path
) -> None:
    gates = ROOT / "scenarios" / f"{tmp_path.name}-gates.toml"
    settings = {
        "PLIMSOLL_IMAGE": IMAGE, "RUNS_DIR": str(tmp_path / "runs"),
        "LOAD": "8", "GATES": f"scenarios/{gates.name}",
    }  # fmt: skip
    try:
        gates.write_text("[gates]\npeak_mib = 10\n")
        done = subprocess.run(
            ["make", "compose-test"], cwd=ROOT, env=os.environ | settings,
            capture_output=True, text=True, check=False, timeout=200,
        )  # fmt: skip
    finally:
        gates.unlink()
    assert "exit code of the run: 1" in done.stdout, done.stdout + done.stderr
    assert done.returncode != 0
    assert "peak_mib" in done.stdout
    (directory,) = (tmp_path / "runs").iterdir()
    assert directory.stat().st_uid == os.getuid()
    # By the project's name that it gives itself: other stacks may be up beside it.
    own = ("-q", "--filter", "name=plimsoll-test-")
    assert (docker("ps", "-a", *own), docker("volume", "ls", *own)) == ("", "")
