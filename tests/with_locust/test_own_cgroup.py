"""A started target lives in a memory cgroup of its own, and none is left behind."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from harness.own_cgroup import GroupRefused, leftovers, make_own_group, remove, start_ticks

pytestmark = pytest.mark.live

MIB = 2**20
HOLDING = "held = b'x' * (64 << 20); print(1, flush=True); import time; time.sleep(60)"


@pytest.fixture(scope="module", autouse=True)
def parent() -> Iterator[Path]:
    """The group below which groups are made here."""
    try:
        made = make_own_group()
    except GroupRefused as refused:
        pytest.skip(f"no memory group can be made here: {refused}")
    made.remove()
    before = set(made.folders[0].parent.glob("plimsoll-*"))
    yield made.folders[0].parent
    assert set(made.folders[0].parent.glob("plimsoll-*")) <= before


def start_guard(log: Path, program: str, *more: str) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "harness.guard", "--log", str(log), "--grace", "1", *more]
    return subprocess.Popen(
        [*words, "--", sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def line(guard: "subprocess.Popen[bytes]") -> dict[str, object]:
    assert guard.stdout is not None
    words: dict[str, object] = json.loads(guard.stdout.readline())
    return words


def wait_for_output(log: Path) -> None:
    while not log.exists() or not log.read_text():
        os.sched_yield()


def test_every_page_of_the_target_is_charged_to_its_group(tmp_path: Path) -> None:
    guard = start_guard(tmp_path / "log", HOLDING)
    folder = Path(str(line(guard)["cgroup"]))
    wait_for_output(tmp_path / "log")
    for file in ("memory.usage_in_bytes", "memory.current"):
        if (folder / file).exists():
            assert 64 * MIB < int((folder / file).read_text()) < 96 * MIB
    guard.communicate(timeout=10)
    assert not folder.exists()


def test_the_group_outlives_a_target_that_ends_by_itself_until_the_suite_is_done(
    tmp_path: Path,
) -> None:
    guard = start_guard(tmp_path / "log", "pass")
    folder = Path(str(line(guard)["cgroup"]))
    assert line(guard) == {"exit_code": 0, "signal": None}
    assert folder.exists()
    guard.communicate(timeout=10)
    assert not folder.exists()


def test_a_command_that_cannot_start_leaves_no_group(tmp_path: Path, parent: Path) -> None:
    words = [sys.executable, "-m", "harness.guard", "--log", str(tmp_path / "log"), "--"]
    before = set(parent.glob("plimsoll-*"))
    done = subprocess.run([*words, "no-such-program-x"], capture_output=True, check=False)
    assert done.returncode == 2
    assert "error" in json.loads(done.stdout)
    assert set(parent.glob("plimsoll-*")) == before


def test_what_a_killed_guard_left_is_cleared_at_the_next_start(tmp_path: Path) -> None:
    killed = start_guard(tmp_path / "one", HOLDING)
    first = line(killed)
    living = start_guard(tmp_path / "two", HOLDING)
    second = line(living)
    killed.kill()
    killed.wait()
    assert psutil.pid_exists(int(str(first["pid"])))
    third = start_guard(tmp_path / "three", "pass")
    line(third)
    third.communicate(timeout=10)
    assert not Path(str(first["cgroup"])).exists()
    assert Path(str(second["cgroup"])).exists()
    assert psutil.pid_exists(int(str(second["pid"])))
    living.communicate(timeout=10)


def test_without_a_group_the_reason_is_told(tmp_path: Path) -> None:
    guard = start_guard(tmp_path / "log", "pass", "--no-cgroup")
    told = line(guard)
    assert (told["cgroup"], told["cgroup_refused"]) == (None, "switched off")
    guard.communicate(timeout=10)


def test_a_group_is_a_left_over_when_its_pid_was_given_to_another(tmp_path: Path) -> None:
    mine = start_ticks(os.getpid())
    (tmp_path / f"plimsoll-{os.getpid()}-{mine}").mkdir()
    (tmp_path / f"plimsoll-{os.getpid()}-{mine + 1}").mkdir()
    (tmp_path / "plimsoll-other").mkdir()
    assert [path.name for path in leftovers(tmp_path)] == [f"plimsoll-{os.getpid()}-{mine + 1}"]


def test_a_group_with_groups_below_it_is_removed_whole(parent: Path) -> None:
    folder = parent / f"plimsoll-{os.getpid()}-1"
    (folder / "inner").mkdir(parents=True)
    remove(folder)
    assert not folder.exists()
