"""Bad input: one line that says what, where and what to do; exit code 2; nothing left behind."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.live.suite import SHORT, run

pytestmark = pytest.mark.live


@pytest.fixture
def bystander() -> Iterator[int]:
    """A process that runs and listens nowhere."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process.pid
    process.kill()
    process.wait()


def check(words: tuple[str, ...], expected: str, runs: Path) -> None:
    done = run(*SHORT, *words, runs=runs)
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert (done.returncode, len(lines)) == (2, 1), done.stderr
    assert expected in lines[0]
    assert "Traceback" not in done.stderr
    assert not list(runs.glob("*/run.json"))
    assert not psutil.Process().children(recursive=True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--target-pid", "4194000"), "4194000"),
        (("--target-pid", "abc"), "PID=abc: expected a whole number"),
        (("--target-port", "1"), "port 1"),
        (("--target-name", "no-such-process-anywhere-x"), "no-such-process-anywhere-x"),
        (("--target-pid", "1", "--target-port", "2"), "PID and PORT are given together"),
        (("--target-command", "no-such-program-x"), "cannot be started"),
        (("--target-command", "false {port}"), "exited before it answered"),
        (("--target-command", "'"), "TARGET"),
        (("--host", "http://staging.example.com"), "ALLOW_HOST=staging.example.com"),
        (("--host", "nowhere"), "expected http://"),
        (("--load", "-5"), "--load -5"),
        (("--load", "1", "--users", "100", "--spawn-rate", "2"), "100 / 2 = 50.0 s"),
        (("--run-time", "10s"), "--run-time does not go with a phase plan"),
        (("--reset-stats",), "--reset-stats does not go with a phase plan"),
        (("--sample-interval", "0"), "INTERVAL=0"),
        (("--scenario", "absent.toml"), "no such scenario file"),
        (("--plan", "manual"), "needs the web UI"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_bad_input_is_one_line_and_exit_code_2(
    words: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    check(words, expected, tmp_path)


def test_a_health_check_that_never_answers_stops_what_was_started(tmp_path: Path) -> None:
    scenario = tmp_path / "deaf.toml"
    scenario.write_text(
        'name = "deaf"\n[target]\nbase_url = "http://127.0.0.1:0"\nhealth_timeout_seconds = 1\n'
        'command = ["{python}", "-c", "import time; time.sleep(60)", "{port}"]\n'
        "[weights]\nlight = 1\nmedium = 0\nheavy = 0\n"
        '[[endpoints]]\npath = "/"\ntier = "light"\n'
    )
    check(("--scenario", str(scenario)), "did not answer within 1 s", tmp_path / "runs")


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
        words = ("--host", host, "--target-command", "sleep 60")
        check(words, "is already in use", tmp_path)


def test_a_run_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check((), "no run directory can be made", tmp_path / "file" / "runs")


def test_two_processes_that_match_a_name_are_listed(tmp_path: Path, bystander: int) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        done = run(*SHORT, "--target-name", r"import time; time\.sleep\(60\)", runs=tmp_path)
    finally:
        other.kill()
        other.wait()
    assert done.returncode == 2
    assert str(bystander) in done.stderr
    assert str(other.pid) in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every process")
def test_a_foreign_process_is_told(tmp_path: Path) -> None:
    check(("--target-pid", "1"), "1", tmp_path)
