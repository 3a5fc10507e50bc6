"""Faults on real processes: reused pids, rights that go away, zombies, spikes, orphans."""

import contextlib
import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rundir import Event, read_events

pytestmark = pytest.mark.live

MIB = 2**20


class Watched:
    """A target and a sidecar on it, both real; `stop` ends the sidecar."""

    def __init__(self, program: str, run: Path, *words: str, under: tuple[str, ...] = ()) -> None:
        self.run = run
        self.target = subprocess.Popen(
            [*under, sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.told()
        command = [*under, sys.executable, "-m", "memory_sidecar", "--pid", str(self.target.pid)]
        self.sidecar = subprocess.Popen(
            [*command, "--run-dir", str(run), *words],
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        self.wait_for_rows(3)

    def ask(self, words: str = "go") -> str:
        assert self.target.stdin
        self.target.stdin.write(words.encode() + b"\n")
        self.target.stdin.flush()
        return self.told()

    def told(self) -> str:
        assert self.target.stdout
        return self.target.stdout.readline().decode().strip()

    def rows(self) -> list[dict[str, str]]:
        path = self.run / "memory_samples.csv"
        if not path.exists():
            return []
        with path.open() as stream:
            return [row for row in csv.DictReader(stream) if None not in row.values()]

    def wait_for_rows(self, more: int) -> None:
        wanted = len(self.rows()) + more
        while len(self.rows()) < wanted and self.sidecar.poll() is None:
            time.sleep(0.02)

    def wait_for_event(self, name: str) -> None:
        """PSS has its own cadence, which adapts: how many rows pass until then is not known."""
        while not self.events(name) and self.sidecar.poll() is None:
            time.sleep(0.02)

    def stop(self) -> None:
        self.sidecar.send_signal(signal.SIGINT)
        self.sidecar.wait(timeout=20)

    def events(self, name: str) -> list[Event]:
        return [event for event in read_events(self.run / "events.jsonl")[0] if event.name == name]

    def close(self) -> None:
        self.sidecar.kill()
        self.sidecar.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.target.pid, signal.SIGKILL)
        self.target.wait()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Any]:
    made: list[Watched] = []

    def watch(program: str, *words: str, under: tuple[str, ...] = ()) -> Watched:
        made.append(Watched(program, tmp_path / "run", *words, under=under))
        return made[-1]

    yield watch
    for one in made:
        one.close()


SPIKE = """
import mmap, os, sys
memory = os.memfd_create("filled")
os.ftruncate(memory, 100 << 20)
filled = mmap.mmap(memory, 100 << 20)
for at in range(0, 100 << 20, 1 << 20):
    filled[at:at + (1 << 20)] = b"x" * (1 << 20)
filled.close()
print("ready", flush=True)
for line in sys.stdin:
    spike = mmap.mmap(memory, 100 << 20, flags=mmap.MAP_SHARED | mmap.MAP_POPULATE)
    spike.close()
    print("done", flush=True)
"""


def test_a_spike_between_two_samples_is_in_the_column_peak(watched: Any) -> None:
    target = watched(SPIKE, "--interval", "0.5")
    target.ask()
    target.wait_for_rows(2)
    target.stop()
    rows = target.rows()
    sampled = max(int(row["pss"]) for row in rows)
    peaks = [int(row["peak"]) for row in rows]
    quiet = sorted(peaks)[len(peaks) // 2]
    assert sampled < quiet + 10 * MIB
    assert quiet + 99 * MIB < max(peaks) < quiet + 101 * MIB
    # One window saw it, and only one.
    assert sum(peak > quiet + 50 * MIB for peak in peaks) == 1


def test_a_second_sidecar_does_not_hide_spikes_from_the_first(watched: Any, tmp_path: Path) -> None:
    target = watched(SPIKE, "--interval", "0.5")
    words = [sys.executable, "-m", "memory_sidecar", "--pid", str(target.target.pid)]
    second = subprocess.Popen(
        [*words, "--run-dir", str(tmp_path / "second"), "--interval", "0.02"],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    target.wait_for_rows(3)
    target.ask()
    target.wait_for_rows(2)
    target.stop()
    second.send_signal(signal.SIGINT)
    second.wait(timeout=10)
    peaks = [int(row["peak"]) for row in target.rows()]
    assert max(peaks) > min(peaks) + 99 * MIB
    with (tmp_path / "second/memory_samples.csv").open() as stream:
        assert {row["peak"] for row in csv.DictReader(stream)} == {""}


ZOMBIES = """
import os, sys
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(5):
        if os.fork() == 0:
            os._exit(3)
    print("done", flush=True)
"""


def test_zombie_children_are_gone_and_not_0_bytes(watched: Any) -> None:
    target = watched(ZOMBIES)
    before = target.rows()[-1]
    target.ask()
    target.wait_for_rows(8)
    target.stop()
    last = target.rows()[-1]
    assert last["processes"] == "1"
    assert abs(int(last["rss"]) - int(before["rss"])) < 2 * MIB


ORPHAN = """
import os, sys, time
if os.fork() == 0:
    if os.fork() == 0:
        held = b"x" * (30 << 20)
        print("ready", flush=True)
        time.sleep(60)
    time.sleep(60)
for line in sys.stdin:
    parent = int(open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read().split()[0])
    os.kill(parent, 9)
    os.wait()
    print("done", flush=True)
"""


def test_a_grandchild_whose_parent_died_stays_in_view(watched: Any) -> None:
    target = watched(ORPHAN)
    target.wait_for_rows(2)
    assert target.rows()[-1]["processes"] == "3"
    target.ask()
    target.wait_for_rows(10)
    target.stop()
    last = target.rows()[-1]
    assert last["processes"] == "2"
    assert int(last["rss"]) > 30 * MIB
    (gone,) = target.events("process_exited")
    assert (gone.fields["cause"], gone.fields["signal"]) in (("signal", 9), ("unknown", None))


def test_a_pid_that_was_given_to_another_process_is_not_the_target(watched: Any) -> None:
    target = watched("print('ready', flush=True); import time; time.sleep(60)")
    pid = target.target.pid
    os.kill(pid, signal.SIGKILL)
    target.target.wait()
    try:
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
    except OSError as error:
        pytest.skip(f"pids cannot be chosen here: {error}")
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as stranger:
        if stranger.pid != pid:
            stranger.kill()
            pytest.skip("another process took the pid first")
        seen = len(target.rows())
        # Alone, the sidecar ends by itself once nobody took the target's place.
        target.sidecar.wait(timeout=20)
        stranger.kill()
    later = target.rows()[seen + 1 :]
    assert later
    assert {row["rss"] for row in later} == {""}
    assert target.events("target_lost")


CLOSING = """
import ctypes, sys
print("ready", flush=True)
for line in sys.stdin:
    ctypes.CDLL(None).prctl(4, 0)
    print("done", flush=True)
"""


WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="taking rights away needs root and setpriv",
)


@needs_root
def test_rights_that_go_away_are_told_and_rss_goes_on(watched: Any) -> None:
    target = watched(CLOSING, under=WITHOUT_RIGHTS)
    assert target.rows()[-1]["pss"]
    target.ask()
    target.wait_for_event("read_denied")
    target.wait_for_rows(1)
    target.stop()
    (denied,) = target.events("read_denied")
    assert "CAP_SYS_PTRACE" in denied.fields["reason"]
    assert int(target.rows()[-1]["rss"]) > MIB
    assert target.events("sidecar_stopped")


@needs_root
def test_who_may_not_read_the_target_is_told_which_right_is_missing() -> None:
    words = [sys.executable, "-m", "memory_sidecar", "--pid", str(os.getpid()), "--duration", "1"]
    done = subprocess.run([*WITHOUT_RIGHTS, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "CAP_SYS_PTRACE" in done.stderr


def test_an_unknown_source_is_told_with_those_that_there_are() -> None:
    words = [sys.executable, "-m", "memory_sidecar", "--pid", "1", "--source", "crystal-ball"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "error: --source crystal-ball: expected one of auto, procfs, cgroup, portable; see --help\n"
    )


@pytest.mark.parametrize("source", ["procfs", "portable", "cgroup"])
def test_every_source_measures_the_same_process(source: str, tmp_path: Path) -> None:
    program = "held = b'x' * (40 << 20); print('ready', flush=True); import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as target:
        assert target.stdout
        target.stdout.readline()
        words = [sys.executable, "-m", "memory_sidecar", "--pid", str(target.pid)]
        words += ["--source", source, "--duration", "0.5", "--run-dir", str(tmp_path)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        target.kill()
    if source == "cgroup" and "is in no memory cgroup" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "memory_samples.csv").open() as stream:
        last = list(csv.DictReader(stream))[-1]
    assert 40 * MIB < int(last["pss"]) <= int(last["rss"]) < 70 * MIB
    assert bool(last["cgroup_usage"]) == (source == "cgroup")
