"""Whole runs with sidecars elsewhere: one is cut off in mid-run; of three replicas one leaks."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from harness.target import free_port
from rundir import RunDirectory, read_events
from tests.live.suite import only_run, run, start
from tests.remote.service import ROOT, TOKENS, Sidecar, sidecar, wait_for
from tests.remote.wire import Wire

pytestmark = pytest.mark.live


@contextmanager
def demo(**switches: str) -> Iterator[int]:
    """The port of a demo service."""
    port = free_port()
    words = ["uvicorn", "demo.app:app", "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=os.environ | switches)
    try:
        wait_for(lambda: answers(port))
        yield port
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
            return True
    except OSError:
        return False


@contextmanager
def measured_demo(folder: Path, **switches: str) -> Iterator[tuple[int, Sidecar]]:
    """A demo service's port, and a sidecar beside it."""
    with demo(**switches) as port, sidecar(folder, "--port", str(port)) as found:
        yield port, found


def report_of(directory: RunDirectory) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(directory.report_json.read_text())
    return content


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as stream:
        return list(csv.DictReader(stream))


def test_a_sidecar_that_is_cut_off_in_mid_run_loses_no_sample(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with measured_demo(tmp_path / "watch") as (port, served):
        wire = Wire(served.port)
        suite = start(
            *("--host", f"http://127.0.0.1:{port}", "--users", "4", "--spawn-rate", "4"),
            *("--sidecar-url", f"http://127.0.0.1:{wire.port}"),
            *("--baseline", "3", "--load", "9", "--cooldown", "2"),
            runs=runs,
            **TOKENS,
        )
        wait_for(lambda: "baseline" in told_phases(runs))
        wire.down()
        # The load begins, and the sidecar does not hear of it.
        wait_for(lambda: "load" in told_phases(runs))
        wait_for(lambda: any(event == "connection_lost" for event in told(runs)))
        wire.up()
        wait_for(lambda: any(event == "connection_back" for event in told(runs)))
        output, _ = suite.communicate(timeout=90)
        wire.close()
    assert suite.returncode == 0, output
    assert "it goes on measuring" in output
    directory = RunDirectory(only_run(runs))
    theirs = rows(served.folder / directory.path.name / "memory_samples.csv")
    ours = rows(directory.memory_samples)
    assert len(ours) == len(theirs)
    assert [row["pss"] for row in ours] == [row["pss"] for row in theirs]
    found = report_of(directory)
    assert [phase["name"] for phase in found["phases"]] == ["baseline", "load", "cooldown"]
    assert not found["run"]["partial"]
    assert any("did not answer; it went on measuring" in text for text in found["caveats"])
    assert not any("Blind" in text for text in found["caveats"])


def told(runs: Path) -> list[str]:
    return [e.name for path in runs.glob("*/events.jsonl") for e in read_events(path)[0]]


def told_phases(runs: Path) -> list[str]:
    return [
        str(event.fields["phase"])
        for path in runs.glob("*/events.jsonl")
        for event in read_events(path)[0]
        if event.name == "phase_started"
    ]


def test_a_sidecar_that_is_not_there_ends_in_one_line(tmp_path: Path) -> None:
    with demo() as port:
        words = ("--host", f"http://127.0.0.1:{port}", "--sidecar-url")
        nobody = run(*words, f"http://127.0.0.1:{free_port()}", runs=tmp_path / "a", **TOKENS)
        assert nobody.returncode == 2
        assert "does not answer" in nobody.stderr.splitlines()[-1]
        untold = run(*words, "http://127.0.0.1:1", runs=tmp_path / "b", PLIMSOLL_SIDECAR_TOKEN="")
        assert untold.returncode == 2
        assert "PLIMSOLL_SIDECAR_TOKEN" in untold.stderr
        both = run(*words, "http://x:1", "--target-pid", "1", runs=tmp_path / "c", **TOKENS)
        assert both.returncode == 2
        assert "SIDECAR_URL and PID are given together" in both.stderr


@pytest.mark.timeout(200)
def test_of_three_replicas_the_one_that_leaks_is_named(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with ExitStack() as stack:
        leak = {"DEMO_LEAK_BYTES": str(256 << 10), "DEMO_LEAK_TIER": "all"}
        replicas = [
            stack.enter_context(measured_demo(tmp_path / f"watch-{n}", **(leak if n == 2 else {})))
            for n in (1, 2, 3)
        ]
        balancer = Wire(*(port for port, _ in replicas))
        done = run(
            *("--host", f"http://127.0.0.1:{balancer.port}", "--users", "6", "--spawn-rate", "6"),
            *("--sidecar-url", ",".join(served.url for _, served in replicas)),
            *("--baseline", "4", "--load", "48", "--cooldown", "4"),
            runs=runs,
            **TOKENS,
        )
        balancer.close()
    assert done.returncode in (0, 1), done.stderr
    directory = RunDirectory(only_run(runs))
    found = report_of(directory)
    words = {target["name"]: target["memory"] for target in found["targets"]}
    assert words["replica-2"] == "leak", (words, found["verdict"])
    assert "leak" not in (words["replica-1"], words["replica-3"])
    assert found["verdict"]["memory"] == "leak"
    assert found["verdict"]["reasons"][0].startswith(("replica-2 leaks", "replica-2: "))
    assert "replica-2 leaks" in found["verdict"]["sentence"]
    assert "replica-2 leaks" in directory.report_html.read_text()
    _is_the_sum(directory)


def _is_the_sum(directory: RunDirectory) -> None:
    """At each tick of the total: what each target had last, by time."""
    names = ("replica-1", "replica-2", "replica-3")
    each = [rows(directory.target(name).memory_samples) for name in names]
    compared = 0
    for row in rows(directory.memory_samples)[5::40]:
        at = float(row["time"])
        last = [[one for one in table if float(one["time"]) <= at][-1]["pss"] for table in each]
        if row["pss"]:
            compared += 1
            assert int(row["pss"]) == sum(map(int, last))
    assert compared > 5
