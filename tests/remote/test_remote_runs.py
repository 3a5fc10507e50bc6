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

from harness.free_port import free_port
from rundir import RunDirectory, read_events
from tests.live.suite import only_run, run, start
from tests.remote.service import ROOT, TOKENS, Sidecar, sidecar, wait_for
from tests.remote.wire import Wire

pytestmark = pytest.mark.live


@contextmanager
def demo(**switches: str) -> Iterator[int]:
    """The port of a demo service, in the one malloc arena that the shipped scenarios give it.

    With one for each thread glibc moves it by 15 MiB at a time, which in 48 s can look like a leak.
    """
    switches = {"MALLOC_ARENA_MAX": "1", **switches}
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


def begin(runs: Path, port: int, url: str, *words: str) -> "subprocess.Popen[str]":
    return start(
        *("--host", f"http://127.0.0.1:{port}", "--users", "4", "--spawn-rate", "4"),
        *("--baseline", "2", "--load", "10", "--cooldown", "2", "--sidecar-url", url, *words),
        runs=runs,
        **TOKENS,
    )


def test_a_sidecar_that_is_killed_and_started_again_goes_on(tmp_path: Path) -> None:
    runs, folder = tmp_path / "runs", tmp_path / "watch"
    with ExitStack() as stack:
        port = stack.enter_context(demo())
        address = str(free_port())
        first = stack.enter_context(sidecar(folder, "--port", str(port), address=address))
        suite = begin(runs, port, first.url)
        wait_for(lambda: "load" in told_phases(runs))
        first.process.kill()
        wait_for(lambda: "connection_lost" in told(runs))
        stack.enter_context(sidecar(folder, "--port", str(port), address=address))
        output, _ = suite.communicate(timeout=90)
    assert suite.returncode == 0, output
    directory = RunDirectory(only_run(runs))
    events, _ = read_events(directory.events)
    assert [event.name for event in events].count("sidecar_started") == 2
    phases = [row["phase"] for row in rows(directory.memory_samples)]
    assert phases[-1] == "cooldown"
    times = [float(row["time"]) for row in rows(directory.memory_samples)]
    assert times == sorted(times)
    found = report_of(directory)
    assert any(text.startswith("Blind from") for text in found["caveats"])
    assert not found["run"]["partial"]


def test_a_master_that_is_killed_loses_nothing_that_was_measured(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with measured_demo(tmp_path / "watch") as (port, served):
        suite = begin(runs, port, served.url)
        wait_for(lambda: "load" in told_phases(runs))
        wait_for(lambda: any(runs.glob("*/pulled/target/memory_samples.csv")))
        suite.kill()
        suite.wait()
        directory = RunDirectory(only_run(runs))
        done = subprocess.run(
            [sys.executable, "-m", "harness.pulling", "--end-run", str(directory.path)],
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=os.environ | TOKENS,
        )
        theirs = rows(served.folder / directory.path.name / "memory_samples.csv")
    assert done.returncode in (0, 1), done.stderr
    assert len(rows(directory.memory_samples)) == len(theirs)
    assert report_of(directory)["run"]["partial"]
    assert not directory.has_pulled


def test_a_replica_that_dies_in_mid_run_fails_the_run_and_is_named(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(
                measured_demo(tmp_path / name, **({"DEMO_CRASH_EVERY": "60"} if n else {}))
            )
            for n, name in enumerate(("a", "b"))
        )
        balancer = Wire(one[0], two[0])
        urls = f"web={one[1].url},worker={two[1].url}"
        suite = begin(runs, balancer.port, urls, "--users", "8")
        output, _ = suite.communicate(timeout=90)
        balancer.close()
    assert suite.returncode == 1, output
    found = report_of(RunDirectory(only_run(runs)))
    assert found["verdict"]["fit"] == "fails"
    assert "worker" in found["verdict"]["sentence"]
    assert {target["name"]: target["fit"] for target in found["targets"]}["worker"] == "fails"
