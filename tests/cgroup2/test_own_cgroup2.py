"""The guard on a machine whose only hierarchy is cgroup v2."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.live


def test_the_target_gets_a_group_and_leaves_none(tmp_path: Path) -> None:
    if not Path("/sys/fs/cgroup/cgroup.controllers").is_file():
        pytest.skip("cgroup v2 is not the only hierarchy here")
    words = [sys.executable, "-m", "harness.guard", "--log", str(tmp_path / "log"), "--"]
    guard = subprocess.Popen([*words, "sleep", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert guard.stdout is not None
    told = json.loads(guard.stdout.readline())
    if told["cgroup"] is None:
        pytest.skip(f"no group can be made here: {told['cgroup_refused']}")
    folder = Path(told["cgroup"])
    assert (folder / "cgroup.procs").read_text().split() == [str(told["pid"])]
    assert int((folder / "memory.peak").read_text()) > 0
    guard.communicate(timeout=60)
    assert not folder.exists()
