"""Memory cgroups: parsing, finding a process's group, and a real one of version 1."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memory_sidecar.cgroup_paths import (
    Membership,
    Mount,
    folder_of,
    parse_membership,
    parse_mounts,
)
from memory_sidecar.group_watch import GroupWatch, Whose
from memory_sidecar.sources.cgroup import Pressure, find_group
from memory_sidecar.sources.cgroup.figures import parse_flat, parse_pressure
from memory_sidecar.sources.cgroup.files import smallest_limit

MIB = 2**20
HYBRID = """\
30 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
31 30 0:27 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
35 30 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
38 30 0:34 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
MEMORY, UNIFIED = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup/unified")


def test_flat_files_and_pressure_are_parsed() -> None:
    assert parse_flat(b"anon 5\ninactive_file 7\n") == {b"anon": 5, b"inactive_file": 7}
    text = (
        b"some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n"
        b"full avg10=0.00 avg60=0.00 avg300=0.00 total=250000\n"
    )
    assert parse_pressure(text) == Pressure(1.5, 0.25)


def test_a_hybrid_host_has_memory_on_v1_and_pressure_on_v2() -> None:
    assert parse_mounts(HYBRID) == (Mount(MEMORY, "/"), Mount(UNIFIED, "/"))
    assert parse_membership("4:memory:/a/b\n1:name=systemd:/\n0::/c\n") == Membership("/a/b", "/c")


@pytest.mark.parametrize(
    ("path", "root", "folder"),
    [
        ("/a/b", "/", MEMORY / "a/b"),
        ("/", "/", None),
        (None, "/", None),
        # A container's mount shows its own group as the top.
        ("/docker/77/inner", "/docker/77", MEMORY / "inner"),
        ("/elsewhere", "/docker/77", None),
        # Another container's group, seen from a private cgroup namespace.
        ("/../88", "/", None),
    ],
)
def test_a_groups_folder_lies_below_the_mount(
    path: str | None, root: str, folder: Path | None
) -> None:
    assert folder_of(path, Mount(MEMORY, root)) == folder


def test_the_smallest_limit_on_the_way_up_counts(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/memory.max").write_text("1000\n")
    (tmp_path / "a/b/memory.max").write_text("max\n")
    assert smallest_limit(tmp_path / "a/b", "memory.max", tmp_path) == 1000
    (tmp_path / "a/memory.max").write_text("9223372036854771712\n")
    assert smallest_limit(tmp_path / "a/b", "memory.max", tmp_path) is None


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
            [sys.executable, "-c", ALLOCATING],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        (folder / "cgroup.procs").write_text(str(self.process.pid))
        self.spike(1)

    def spike(self, mib: int) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{mib}\n".encode())
        self.process.stdin.flush()
        self.process.stdout.readline()


@pytest.fixture
def target() -> Iterator[Target]:
    memory, _ = parse_mounts(Path("/proc/self/mountinfo").read_text())
    own = parse_membership(Path("/proc/self/cgroup").read_text()).memory
    if memory is None or own is None:
        pytest.skip("no v1 memory controller is mounted here")
    folder = memory.point / own.lstrip("/") / f"test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no memory group can be made here: {error}")
    made = Target(folder)
    yield made
    made.process.kill()
    made.process.wait()
    folder.rmdir()


@pytest.mark.live
def test_a_spike_between_two_takes_is_the_groups_peak_and_not_the_nexts(target: Target) -> None:
    group = find_group(target.process.pid)
    assert group is not None
    group.take_peak()
    before = group.figures()
    target.spike(64)
    highest, after, rest = group.take_peak(), group.figures(), group.take_peak()
    group.close()
    assert before and after and highest and rest
    assert 60 * MIB < highest - before.usage < 70 * MIB
    assert abs(after.usage - before.usage) < 8 * MIB
    assert rest < before.usage + 8 * MIB
    assert group.peak_since_start is False
    assert target.process.pid in (group.members() or set())


@pytest.mark.live
def test_a_second_reader_of_the_same_group_does_not_set_the_peak_back(target: Target) -> None:
    first, second = find_group(target.process.pid), find_group(target.process.pid)
    assert first and second
    target.spike(64)
    assert (second.take_peak() or 0) > 64 * MIB
    assert (first.take_peak() or 0) > 64 * MIB
    assert (first.peak_since_start, second.peak_since_start) == (False, True)
    first.close()
    second.close()


@pytest.mark.live
def test_an_oom_kill_is_counted_and_the_limit_read(target: Target) -> None:
    watch = GroupWatch(target.process.pid, Whose.OWN)
    watch.look({target.process.pid})
    assert watch.counts
    (target.folder / "memory.limit_in_bytes").write_text(str(40 * MIB))
    group = find_group(target.process.pid)
    assert group is not None
    assert group.limit() == 40 * MIB
    group.close()
    assert watch.new_oom_kills() == 0
    target.spike(200)
    assert target.process.wait() == -9
    assert watch.new_oom_kills() == 1
    assert watch.new_oom_kills() == 0


@pytest.mark.live
def test_a_group_with_strangers_does_not_count_as_the_targets(target: Target) -> None:
    watch = GroupWatch(target.process.pid, Whose.OWN)
    watch.look({1})
    assert not watch.counts
    assert watch.figures() is None


@pytest.mark.live
def test_a_group_that_is_gone_tells_nothing(target: Target) -> None:
    group = find_group(target.process.pid)
    assert group is not None
    target.process.kill()
    target.process.wait()
    target.folder.rmdir()
    assert (group.figures(), group.members()) == (None, None)
    group.close()
    target.folder.mkdir()
