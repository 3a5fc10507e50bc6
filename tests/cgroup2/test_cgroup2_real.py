"""A real cgroup v2: figures, peaks set back per descriptor, kills, limits, pressure.

They need a machine whose only hierarchy is v2, with a subtree that may be written to.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memory_sidecar.group_watch import GroupWatch, Whose
from memory_sidecar.sources.cgroup import MemoryGroup, find_group
from rundir import read_events

pytestmark = pytest.mark.live

MIB = 2**20
ROOT = Path("/sys/fs/cgroup")
ALLOCATING = """
import mmap, sys
for line in sys.stdin:
    size = int(line)
    held = mmap.mmap(-1, size << 20)
    for _ in range(size):
        held.write(b"x" * (1 << 20))
    held.close()
    print("done", flush=True)
"""


class Target:
    """A process in a group of its own that allocates and frees on demand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", ALLOCATING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        (folder / "cgroup.procs").write_text(str(self.process.pid))
        self.spike(1)

    def spike(self, mib: int) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{mib}\n".encode())
        self.process.stdin.flush()
        self.process.stdout.readline()

    def group(self) -> MemoryGroup:
        group = find_group(self.process.pid)
        assert group is not None
        return group


@pytest.fixture
def target() -> Iterator[Target]:
    if not (ROOT / "cgroup.controllers").is_file():
        pytest.skip("cgroup v2 is not the only hierarchy here")
    folder = ROOT / f"test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no group can be made here: {error}")
    made = Target(folder)
    yield made
    made.process.kill()
    made.process.wait()
    folder.rmdir()


def test_figures_are_split_into_kinds(target: Target) -> None:
    group = target.group()
    figures = group.figures()
    assert figures is not None
    assert (group.version, group.name) == (2, f"/{target.folder.name}")
    assert 0 < figures.working_set <= figures.usage < 64 * MIB
    assert None not in (figures.anon, figures.file, figures.shmem, figures.kernel, figures.swap)
    assert group.members() == {target.process.pid}
    assert group.pressure() is not None
    group.close()


def test_a_peak_is_set_back_by_one_reader_alone(target: Target) -> None:
    first, second = target.group(), target.group()
    if first.peak_since_start:
        pytest.skip("this kernel cannot set memory.peak back (before Linux 6.12)")
    target.spike(32)
    assert (first.take_peak() or 0) > 32 * MIB
    assert (first.take_peak() or 0) < 32 * MIB
    # The other reads the peak since the group was made, and says so.
    assert (second.take_peak() or 0) > 32 * MIB
    assert (first.peak_since_start, second.peak_since_start) == (False, True)
    first.close()
    second.close()


def test_an_oom_kill_is_counted_once_and_the_limit_read(target: Target) -> None:
    watch = GroupWatch(target.process.pid, Whose.OWN)
    watch.look({target.process.pid})
    assert watch.counts
    (target.folder / "memory.swap.max").write_text("0")
    (target.folder / "memory.max").write_text(str(24 * MIB))
    group = target.group()
    assert group.limit() == 24 * MIB
    group.close()
    target.spike(64)
    assert target.process.wait() == -signal.SIGKILL
    assert watch.new_oom_kills() == 1
    assert watch.new_oom_kills() == 0


def test_the_sidecar_measures_the_group_and_tells_the_kill(target: Target, tmp_path: Path) -> None:
    (target.folder / "memory.swap.max").write_text("0")
    (target.folder / "memory.max").write_text(str(24 * MIB))
    words = [sys.executable, "-m", "memory_sidecar", "--pid", str(target.process.pid)]
    sidecar = subprocess.Popen([*words, "--run-dir", str(tmp_path), "--interval", "0.5"])
    samples = tmp_path / "memory_samples.csv"
    while not samples.exists() or samples.read_text().count("\n") < 3:
        os.sched_yield()
    target.spike(64)
    target.process.wait()
    assert sidecar.wait(timeout=120) == 0
    events = {event.name: event for event in read_events(tmp_path / "events.jsonl")[0]}
    assert events["sidecar_started"].fields["cgroup"]["counts"] is True
    assert events["oom_kill"].fields["count"] == 1
    header, *rows = [line.split(",") for line in samples.read_text().splitlines()]
    row = dict(zip(header, rows[1], strict=True))
    assert int(row["working_set"]) <= int(row["cgroup_usage"]) <= int(row["cgroup_peak"])
    assert int(row["limit"]) == 24 * MIB


def test_time_stays_monotonic_when_the_clock_is_set_back(target: Target, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "memory_sidecar", "--pid", str(target.process.pid)]
    sidecar = subprocess.Popen([*words, "--run-dir", str(tmp_path), "--interval", "0.5"])
    samples = tmp_path / "memory_samples.csv"
    while not samples.exists() or samples.read_text().count("\n") < 3:
        os.sched_yield()
    subprocess.run(["date", "-s", "1 hour ago"], check=True, capture_output=True)
    seen = samples.read_text().count("\n")
    while samples.read_text().count("\n") < seen + 3:
        os.sched_yield()
    sidecar.send_signal(signal.SIGINT)
    assert sidecar.wait(timeout=60) == 0
    subprocess.run(["date", "-s", "1 hour"], check=True, capture_output=True)
    times = [float(line.split(",")[0]) for line in samples.read_text().splitlines()[1:]]
    assert times == sorted(times)
    events = [event.time for event in read_events(tmp_path / "events.jsonl")[0]]
    assert max(events) - min(events) < 600
