"""Others that map the target's files come and go: its PSS moves, its memory does not."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from rundir import RunDirectory
from tests.live.suite import only_run, run

pytestmark = pytest.mark.live

MIB = 2**20
FILE_BYTES = 96 * MIB
OTHERS = 3
MAPS = """
import mmap, sys
file = open({file!r}, "rb")
mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
touched = sum(mapped[offset] for offset in range(0, len(mapped), 4096))
"""
WAITS = "print('ready', flush=True); sys.stdin.read()"
SERVES = """
from tests.proving import spiky_service
sys.argv = ["spiky_service", sys.argv[1], "20", "1"]
spiky_service.main()
"""
SCENARIO = """
name = "shared-files"
[target]
base_url = "http://127.0.0.1:0"
command = ["{{python}}", {program}, "{{port}}"]
health = "/health"
[[endpoints]]
path = "/light"
tier = "light"
[[endpoints]]
path = "/light?medium"
tier = "medium"
[[endpoints]]
path = "/heavy"
tier = "heavy"
"""
LENGTHS = ("--baseline", "3", "--load", "34", "--cooldown", "3", "--users", "4")
ENDS_EACH_SECONDS = 9.0


def scenario(folder: Path, mapped: Path) -> Path:
    """A target that maps the file and serves."""
    program = folder / "mapping_service.py"
    program.write_text(MAPS.format(file=str(mapped)) + SERVES, encoding="utf-8")
    path = folder / "shared-files.toml"
    path.write_text(SCENARIO.format(program=json.dumps(str(program))), encoding="utf-8")
    return path


def end_one_by_one(others: list[subprocess.Popen[str]]) -> None:
    for other in others:
        time.sleep(ENDS_EACH_SECONDS)
        other.communicate("")


@pytest.mark.timeout(150)
def test_a_service_whose_files_others_let_go_of_is_stable(tmp_path: Path) -> None:
    mapped = tmp_path / "library"
    mapped.write_bytes(b"x" * FILE_BYTES)
    others = [
        subprocess.Popen(
            [sys.executable, "-c", MAPS.format(file=str(mapped)) + WAITS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(OTHERS)
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
    ending = threading.Thread(target=end_one_by_one, args=(others,))
    ending.start()
    words = ("--scenario", str(scenario(tmp_path, mapped)), "--memory-source", "procfs")
    done = run(*words, *LENGTHS, runs=tmp_path / "runs", PYTHONPATH=str(Path.cwd()))
    ending.join()
    assert done.returncode == 0, done.stdout + done.stderr
    directory = RunDirectory(only_run(tmp_path / "runs"))
    found: dict[str, Any] = json.loads(directory.report_json.read_text(encoding="utf-8"))
    first, last = (found["phases"][at]["memory_bytes"] for at in (0, -1))
    assert first["measure"] == "pss"
    # A quarter of the file at first, all of it when the others are gone.
    grown = FILE_BYTES - FILE_BYTES / (OTHERS + 1)
    assert last["mean"] - first["mean"] == pytest.approx(grown, rel=0.15)
    assert found["verdict"]["memory"] == "stable", found["verdict"]
