"""Faults of target, sidecar and clock in mid-run: the report tells them, no sample is lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import pytest

from rundir import Event, RunDirectory, read_events
from tests.live.suite import only_run, start

pytestmark = pytest.mark.live

PHASES = ("--baseline", "1", "--load", "8", "--cooldown", "1", "--users", "4", "--spawn-rate", "4")


def wait_for(what: Callable[[], Any], seconds: float = 40.0) -> Any:
    """Block until `what` answers something; the answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it never came")


def events(runs: Path, name: str) -> list[Event]:
    return [
        event
        for path in runs.glob("*/events.jsonl")
        for event in read_events(path)[0]
        if event.name == name
    ]


def in_load(runs: Path) -> bool:
    return any(event.fields["phase"] == "load" for event in events(runs, "phase_started"))


def sidecar_of(suite: "subprocess.Popen[str]") -> psutil.Process:
    (found,) = [
        process
        for process in psutil.Process(suite.pid).children(recursive=True)
        if "memory_sidecar" in process.cmdline()
    ]
    return found


def report_of(runs: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(RunDirectory(only_run(runs)).report_json.read_text())
    return content


def sample_times(runs: Path) -> list[float]:
    lines = RunDirectory(only_run(runs)).memory_samples.read_text().splitlines()[1:]
    return [float(line.split(",")[1]) for line in lines]


def words_of(report: dict[str, Any]) -> str:
    return " ".join(
        [report["verdict"]["sentence"], *report["verdict"]["reasons"], *report["caveats"]]
    )


def test_a_killed_sidecar_is_started_again_and_the_gap_is_told(tmp_path: Path) -> None:
    suite = start(*PHASES, runs=tmp_path)
    wait_for(lambda: in_load(tmp_path))
    sidecar_of(suite).kill()
    wait_for(lambda: events(tmp_path, "sidecar_restarted"))
    suite.communicate(timeout=60)
    assert suite.returncode == 0
    assert events(tmp_path, "sidecar_gap")
    names = [event.fields["phase"] for event in events(tmp_path, "phase_started")]
    assert names == ["baseline", "load", "cooldown"]
    times = sample_times(tmp_path)
    assert times == sorted(times)
    gap = max(later - earlier for earlier, later in pairwise(times))
    assert gap < 0.5 * (times[-1] - times[0])
    report = report_of(tmp_path)
    assert [phase["name"] for phase in report["phases"]] == names
    assert "sidecar" in words_of(report)


def test_a_sidecar_that_was_paused_is_blind_meanwhile_and_says_so(tmp_path: Path) -> None:
    suite = start(*PHASES, runs=tmp_path)
    wait_for(lambda: in_load(tmp_path))
    sidecar = sidecar_of(suite)
    sidecar.suspend()
    time.sleep(5)
    sidecar.resume()
    suite.communicate(timeout=60)
    assert suite.returncode == 0
    (gap,) = events(tmp_path, "sidecar_gap")
    assert gap.fields["seconds"] > 4
    names = [event.fields["phase"] for event in events(tmp_path, "phase_started")]
    assert names == ["baseline", "load", "cooldown"]
    assert "lind from" in words_of(report_of(tmp_path))


def test_a_phase_border_that_falls_into_a_pause_is_announced_afterwards(tmp_path: Path) -> None:
    short = (
        "--baseline",
        "1",
        "--load",
        "4",
        "--cooldown",
        "6",
        "--users",
        "4",
        "--spawn-rate",
        "4",
    )
    suite = start(*short, runs=tmp_path)
    wait_for(lambda: in_load(tmp_path))
    sidecar = sidecar_of(suite)
    sidecar.suspend()
    time.sleep(6)
    sidecar.resume()
    suite.communicate(timeout=60)
    started = events(tmp_path, "phase_started")
    assert [event.fields["phase"] for event in started] == ["baseline", "load", "cooldown"]
    # The border is where it was, not where it was heard of.
    assert 3.5 < started[2].monotonic - started[1].monotonic < 5.9


def gunicorn(*more: str) -> str:
    words = [sys.executable, "-m", "gunicorn", "demo.app:app", "-k", "uvicorn_worker.UvicornWorker"]
    words += ["--workers", "2", "--bind", "127.0.0.1:{port}", "--no-control-socket", *more]
    return " ".join(words)


def test_a_crashed_worker_is_told_from_a_recycled_one(tmp_path: Path) -> None:
    command = gunicorn("--max-requests", "12", "--graceful-timeout", "2")
    suite = start(*PHASES, "--target-command", command, runs=tmp_path)
    recycled = wait_for(
        lambda: [e for e in events(tmp_path, "process_exited") if e.fields["planned"]]
    )
    assert recycled[0].fields["cause"] == "recycled"
    before = {event.fields["pid"] for event in events(tmp_path, "process_exited")}
    workers = [
        e.fields["pid"] for e in events(tmp_path, "process_started") if e.fields["role"] != "root"
    ]
    victim = next(pid for pid in reversed(workers) if pid not in before and psutil.pid_exists(pid))
    os.kill(victim, signal.SIGSEGV)
    suite.communicate(timeout=60)
    crashed = [e for e in events(tmp_path, "process_exited") if e.fields["pid"] == victim]
    assert [(e.fields["cause"], e.fields["signal"], e.fields["planned"]) for e in crashed] == [
        ("signal", int(signal.SIGSEGV), False)
    ]
    assert "unplanned" in words_of(report_of(tmp_path))


def answers(url: str) -> bool:
    try:
        urlopen(url, timeout=1).close()
    except OSError:
        return False
    return True


def test_a_target_that_comes_back_under_another_pid_is_followed(tmp_path: Path) -> None:
    # Up in a moment: on a busy machine the demo takes longer than a target is waited for.
    words = [sys.executable, "-m", "tests.proving.spiky_service", "18973", "20", "1"]
    first = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    wait_for(lambda: answers("http://127.0.0.1:18973/health"))
    suite = start(
        *PHASES, "--target-port", "18973", "--host", "http://127.0.0.1:18973", runs=tmp_path
    )
    try:
        wait_for(lambda: in_load(tmp_path))
        first.kill()
        first.wait()
        second = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        restarted = wait_for(lambda: events(tmp_path, "target_restarted"))
        suite.communicate(timeout=60)
    finally:
        for process in psutil.Process().children():
            process.kill()
    assert (restarted[0].fields["old_pid"], restarted[0].fields["pid"]) == (first.pid, second.pid)
    assert not events(tmp_path, "target_lost")
    assert "restarted" in words_of(report_of(tmp_path))


def limit_own_group(runs: Path, more_mib: int) -> Path:
    """Give the running target `more_mib` on top of what it uses now; its group's folder."""
    run = json.loads(RunDirectory(only_run(runs)).run_json.read_text())
    if run["target"]["cgroup"] is None:
        pytest.skip(f"no memory group can be made here: {run['target']['cgroup_refused']}")
    folder = Path(run["target"]["cgroup"])
    if (folder / "memory.max").exists():
        usage, limit = folder / "memory.current", folder / "memory.max"
        (folder / "memory.swap.max").write_text("0")
    else:
        usage, limit = folder / "memory.usage_in_bytes", folder / "memory.limit_in_bytes"
    limit.write_text(str(int(usage.read_text()) + (more_mib << 20)))
    return folder


def test_a_target_that_is_killed_for_memory_is_told_as_such(tmp_path: Path) -> None:
    suite = start(*PHASES, runs=tmp_path, DEMO_LEAK_BYTES="4000000", DEMO_LEAK_TIER="light")
    wait_for(lambda: in_load(tmp_path))
    limit_own_group(tmp_path, 40)
    suite.communicate(timeout=60)
    assert suite.returncode == 1
    (killed,) = events(tmp_path, "oom_kill")
    assert killed.fields["count"] == 1
    report = report_of(tmp_path)
    assert report["verdict"]["fit"] == "fails"
    assert "memory" in " ".join(report["verdict"]["reasons"])
    lost = next(e for e in events(tmp_path, "process_exited") if e.fields["role"] == "root")
    times = sample_times(tmp_path)
    assert times[-1] > 0
    assert lost.fields["signal"] == signal.SIGKILL


def test_one_worker_killed_for_memory_is_found_although_the_master_lives(tmp_path: Path) -> None:
    suite = start(
        *PHASES,
        "--target-command",
        gunicorn("--graceful-timeout", "2"),
        runs=tmp_path,
        DEMO_LEAK_BYTES="4000000",
        DEMO_LEAK_TIER="light",
    )
    wait_for(lambda: in_load(tmp_path))
    limit_own_group(tmp_path, 60)
    suite.communicate(timeout=60)
    kills = events(tmp_path, "oom_kill")
    assert kills
    assert not events(tmp_path, "target_lost")
    causes = {e.fields["cause"] for e in events(tmp_path, "process_exited")}
    assert "oom_kill" in causes
    report = report_of(tmp_path)
    assert report["verdict"]["fit"] == "fails"
    assert [phase["name"] for phase in report["phases"]] == ["baseline", "load", "cooldown"]
