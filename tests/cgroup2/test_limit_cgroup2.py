"""Hard limits where the only hierarchy is cgroup v2: kills, swap, file pages, the whole group."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.limits import cgroup_v2

MIB = 2**20
ROOT = Path(__file__).parents[2]
V2_ONLY = (Path("/sys/fs/cgroup") / "cgroup.controllers").exists()
pytestmark = pytest.mark.skipif(not V2_ONLY, reason="needs a machine whose only hierarchy is v2")


def guarded(code: str, *options: str, log: Path) -> tuple[dict[str, object], dict[str, object]]:
    """The guard's first words, and how the command ended."""
    words = [sys.executable, "-m", "harness.guard", "--log", str(log), *options]
    process = subprocess.Popen(
        [*words, "--", sys.executable, "-c", code],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    first = json.loads(process.stdout.readline())
    last = json.loads(process.stdout.readline() or "{}") if "pid" in first else {}
    process.stdin.close()
    process.wait(timeout=60)
    return first, last


def test_this_way_is_possible_here() -> None:
    assert cgroup_v2.refusal() is None


def test_who_goes_over_the_limit_is_killed(tmp_path: Path) -> None:
    code = "b = bytearray(80 << 20); print(len(b))"
    _, end = guarded(code, "--limit", str(48 * MIB), log=tmp_path / "log")
    assert end["signal"] == 9


def test_who_stays_under_it_is_not(tmp_path: Path) -> None:
    _, end = guarded("b = bytearray(8 << 20)", "--limit", str(48 * MIB), log=tmp_path / "log")
    assert end == {"exit_code": 0, "signal": None}


def test_the_group_has_limit_no_swap_and_kills_one_process_unless_asked(tmp_path: Path) -> None:
    read = (
        "import pathlib; g = open('/proc/self/cgroup').read().split('::')[1].strip()\n"
        "g = pathlib.Path('/sys/fs/cgroup' + g)\n"
        "names = ('memory.max', 'memory.swap.max', 'memory.oom.group')\n"
        "print([(g / n).read_text().strip() if (g / n).exists() else '0' for n in names])"
    )
    for options, group in (((), "0"), (("--oom-group",), "1")):
        log = tmp_path / f"log{group}"
        guarded(read, "--limit", str(64 * MIB), *options, log=log)
        assert log.read_text().strip() == str([str(64 * MIB), "0", group])


READS = """
import os
left = 96 << 20
for folder, _, names in os.walk('/usr/lib'):
    for name in names:
        path = os.path.join(folder, name)
        if left > 0 and os.path.isfile(path) and not os.path.islink(path):
            with open(path, 'rb') as stream:
                while part := stream.read(1 << 20):
                    left -= len(part)
print(left <= 0)
"""


def test_file_pages_count_but_are_dropped_before_anybody_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    _, end = guarded(READS, "--limit", str(48 * MIB), log=log)
    assert (end["exit_code"], log.read_text().strip()) == (0, "True")
