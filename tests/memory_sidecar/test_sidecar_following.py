"""A target that goes away is waited for where it can be found again, and told as lost where not."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memory_sidecar.cli import check, parser
from memory_sidecar.errors import SidecarError
from memory_sidecar.finding_again import NO_TRACE_SECONDS, following
from rundir import Event, RunDirectory, read_events
from tests.remote.service import wait_for

LISTENS = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""

Start = Callable[[int], tuple["subprocess.Popen[str]", int]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process that listens on a port (0: a free one); all are ended afterwards."""
    started: list[subprocess.Popen[str]] = []

    def begin(port: int) -> tuple["subprocess.Popen[str]", int]:
        process = subprocess.Popen(
            [sys.executable, "-c", LISTENS, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    yield begin
    for process in started:
        end(process)


def end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()


def watch(run: Path, pid: int, *words: str) -> "subprocess.Popen[str]":
    sidecar = subprocess.Popen(
        [sys.executable, "-m", "memory_sidecar", "--pid", str(pid), "--run-dir", str(run), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    wait_for(lambda: events(run, "sidecar_started"))
    return sidecar


def events(run: Path, name: str) -> list[Event]:
    path = RunDirectory(run).events
    return [one for one in read_events(path)[0] if one.name == name] if path.exists() else []


@pytest.mark.live
def test_a_target_that_takes_its_time_to_come_back_is_followed(
    start: Start, tmp_path: Path
) -> None:
    first, port = start(0)
    sidecar = watch(tmp_path, first.pid)
    end(first)
    wait_for(lambda: events(tmp_path, "process_exited"))
    time.sleep(NO_TRACE_SECONDS + 1)
    second, _ = start(port)
    wait_for(lambda: events(tmp_path, "target_restarted"))
    sidecar.terminate()
    assert sidecar.wait(timeout=30) == 0
    (restarted,) = events(tmp_path, "target_restarted")
    assert (restarted.fields["old_pid"], restarted.fields["pid"]) == (first.pid, second.pid)
    assert restarted.fields["seconds"] > NO_TRACE_SECONDS
    assert not events(tmp_path, "target_lost")


@pytest.mark.live
def test_a_target_that_does_not_come_back_in_time_is_lost(start: Start, tmp_path: Path) -> None:
    target, _ = start(0)
    sidecar = watch(tmp_path, target.pid, "--restart-timeout", "1")
    end(target)
    printed, _ = sidecar.communicate(timeout=60)
    assert "the target has exited" in printed
    (lost,) = events(tmp_path, "target_lost")
    (gone,) = events(tmp_path, "process_exited")
    assert lost.fields["seconds"] >= 1
    # Told with how long it was away, so that a reader can say when it went.
    assert lost.time - lost.fields["seconds"] == pytest.approx(gone.time, abs=0.5)


@pytest.mark.live
def test_a_target_that_is_away_when_the_watch_ends_is_lost(start: Start, tmp_path: Path) -> None:
    target, _ = start(0)
    sidecar = watch(tmp_path, target.pid)
    end(target)
    wait_for(lambda: events(tmp_path, "process_exited"))
    time.sleep(1)
    sidecar.terminate()
    sidecar.wait(timeout=30)
    (lost,) = events(tmp_path, "target_lost")
    assert "ended before another took its place" in lost.fields["reason"]


def test_a_target_that_nothing_can_find_is_not_waited_for_long() -> None:
    assert following(None, [], 40.0).patience_seconds == NO_TRACE_SECONDS
    assert following("gunicorn", [], 40.0).patience_seconds == 40.0
    assert following(None, [8000], 40.0).patience_seconds == 40.0


@pytest.mark.parametrize("seconds", ["0", "-1", "nan"])
def test_no_time_at_all_is_refused(seconds: str) -> None:
    options = parser().parse_args(["--pid", "1", "--restart-timeout", seconds])
    with pytest.raises(SidecarError, match="--restart-timeout"):
        check(options)
