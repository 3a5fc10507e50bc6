"""The main job on real processes: a run of a few seconds, and what is left when things die."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from rundir import RunDirectory, read_events
from tests.live.suite import ROOT, SHORT, only_run, run, start

pytestmark = pytest.mark.live

LONGER = ("--baseline", "1", "--load", "20", "--cooldown", "1", "--users", "4", "--spawn-rate", "4")


def report_of(directory: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(RunDirectory(directory).report_json.read_text())
    return content


def names(directory: Path) -> list[str]:
    return [event.name for event in read_events(RunDirectory(directory).events)[0]]


def wait_for_load(runs: Path) -> Path:
    """Block until the load phase has been announced and some requests are counted."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        for path in runs.glob("*/events.jsonl"):
            events, _ = read_events(path)
            if any(e.name == "phase_started" and e.fields["phase"] == "load" for e in events):
                time.sleep(3)
                return path.parent
        time.sleep(0.1)
    raise AssertionError("the load phase never began")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    runs = tmp_path_factory.mktemp("runs")
    done = run(*SHORT, runs=runs)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout, only_run(runs)


def test_the_last_lines_name_the_run_directory_and_the_report(finished: tuple[str, Path]) -> None:
    output, directory = finished
    last = output.strip().splitlines()[-2:]
    assert str(directory) in last[0]
    assert last[1].endswith("report.html")


def test_a_run_leaves_every_file_of_the_run_directory(finished: tuple[str, Path]) -> None:
    expected = {
        "run.json",
        "events.jsonl",
        "memory_samples.csv",
        "process_samples.csv",
        "locust_stats.csv",
        "locust_stats_history.csv",
        "locust_failures.csv",
        "locust_exceptions.csv",
        "locust_stats.json",
        "report.json",
        "report.html",
        "target.log",
    }
    assert expected <= {path.name for path in finished[1].iterdir()}


def test_the_report_has_the_phases_with_their_own_requests(finished: tuple[str, Path]) -> None:
    phases = report_of(finished[1])["phases"]
    assert [phase["name"] for phase in phases] == ["baseline", "load", "cooldown"]
    baseline, load, cooldown = phases
    assert baseline["requests"] == 0
    assert load["requests"] > 10
    assert load["failures"] == 0
    assert load["memory_bytes"]["mean"] > 10 * 2**20
    written = json.loads(RunDirectory(finished[1]).locust_stats_json.read_text())
    total = sum(entry["num_requests"] for entry in written["entries"])
    assert load["requests"] + cooldown["requests"] == total


def test_nothing_that_was_started_outlives_the_run(finished: tuple[str, Path]) -> None:
    pid = json.loads((finished[1] / "run.json").read_text())["target"]["pid"]
    assert not psutil.pid_exists(pid)


def test_a_killed_target_ends_the_run_and_the_report_says_so(tmp_path: Path) -> None:
    suite = start(*LONGER, runs=tmp_path)
    directory = wait_for_load(tmp_path)
    pid = json.loads((directory / "run.json").read_text())["target"]["pid"]
    os.kill(pid, signal.SIGKILL)
    suite.communicate(timeout=60)
    assert suite.returncode == 1
    assert "process_exited" in names(directory)
    assert report_of(directory)["verdict"]["fit"] == "fails"


def test_a_killed_locust_leaves_no_target_and_a_directory_that_can_be_reported(
    tmp_path: Path,
) -> None:
    suite = start(*LONGER, runs=tmp_path)
    directory = wait_for_load(tmp_path)
    target = psutil.Process(json.loads((directory / "run.json").read_text())["target"]["pid"])
    family = psutil.Process(suite.pid).children(recursive=True)
    os.kill(suite.pid, signal.SIGKILL)
    suite.communicate(timeout=30)
    psutil.wait_procs(family, timeout=15)
    assert not target.is_running()
    assert "generator_lost" in names(directory)
    words = [sys.executable, "-m", "reports", str(directory)]
    assert subprocess.run(words, check=False, cwd=ROOT, capture_output=True).returncode in (0, 1)
    assert "Partial run" in report_of(directory)["verdict"]["sentence"]


def test_ctrl_c_ends_in_order_with_a_report(tmp_path: Path) -> None:
    suite = start(*LONGER, runs=tmp_path)
    directory = wait_for_load(tmp_path)
    suite.send_signal(signal.SIGINT)
    output, _ = suite.communicate(timeout=60)
    assert "Traceback" not in output
    assert json.loads((directory / "run.json").read_text())["end_reason"] == "interrupted"
    assert (directory / "report.html").exists()
