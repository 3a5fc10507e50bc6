"""The guard: a started target never outlives the suite."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.live

FAMILY = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
    " start_new_session=True)\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)\n"
)


def start_guard(log: Path, *command: str) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "harness.guard", "--log", str(log), "--grace", "1", "--"]
    return subprocess.Popen(
        [*words, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )


def line(guard: "subprocess.Popen[bytes]") -> dict[str, int]:
    assert guard.stdout is not None
    words: dict[str, int] = json.loads(guard.stdout.readline())
    return words


def first_word(log: Path) -> int:
    while not log.read_text().strip():
        os.sched_yield()
    return int(log.read_text().split()[0])


def test_closing_the_lifeline_stops_the_target_and_children_in_other_sessions(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    guard = start_guard(log, sys.executable, "-c", FAMILY)
    pid, grandchild = line(guard)["pid"], first_word(log)
    guard.communicate(timeout=10)
    assert not psutil.pid_exists(pid)
    assert not psutil.pid_exists(grandchild)


def test_children_whose_parent_was_killed_are_stopped_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    guard = start_guard(log, sys.executable, "-c", FAMILY)
    pid, grandchild = line(guard)["pid"], first_word(log)
    os.kill(pid, signal.SIGKILL)
    assert line(guard) == {"exit_code": None, "signal": 9}
    guard.communicate(timeout=10)
    assert not psutil.pid_exists(grandchild)


def test_a_target_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(1, flush=True); time.sleep(60)"
    )
    guard = start_guard(log, sys.executable, "-c", program)
    pid = line(guard)["pid"]
    first_word(log)
    guard.communicate(timeout=10)
    assert not psutil.pid_exists(pid)


def test_the_exit_code_of_a_target_that_ends_is_told(tmp_path: Path) -> None:
    guard = start_guard(tmp_path / "log", sys.executable, "-c", "import sys; sys.exit(7)")
    assert line(guard)["pid"] > 0
    assert line(guard) == {"exit_code": 7, "signal": None}
    guard.communicate(timeout=10)


def test_a_command_that_does_not_exist_is_told(tmp_path: Path) -> None:
    guard = start_guard(tmp_path / "log", "no-such-program-here")
    assert "No such file" in str(line(guard)["error"])
    guard.communicate(timeout=10)
