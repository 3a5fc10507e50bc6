"""`make imports` on real services: the demo, one that does not start, one that is no Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.target import ROOT

pytestmark = pytest.mark.live


def imports(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness.imports", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def test_pandas_and_numpy_are_what_the_demo_imports_most(tmp_path: Path) -> None:
    done = imports("--runs-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.iterdir()
    (process,) = json.loads((folder / "imports.json").read_text())["processes"]
    assert [row["package"] for row in process["packages"][:2]] == ["pandas", "numpy"]
    shown = done.stdout.split("package  ")[0]
    assert "\npandas  " in shown and "\nnumpy  " in shown
    assert process["explained_bytes"] == pytest.approx(process["idle_bytes"], rel=0.1)
    assert "at idle" in done.stdout.splitlines()[0]


def assert_refused(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_a_service_that_fails_to_start_is_told_with_its_own_words(tmp_path: Path) -> None:
    command = f"{sys.executable} -m uvicorn no.such:app --port {{port}}"
    done = imports("--runs-dir", str(tmp_path), "--target", command)
    assert_refused(done, "the target exited before it answered")
    assert "No module named 'no'" in done.stderr


def test_a_service_that_hides_its_python_is_refused(tmp_path: Path) -> None:
    command = f"{sys.executable} -I -m uvicorn demo.app:app --app-dir {ROOT} --port {{port}}"
    done = imports("--runs-dir", str(tmp_path), "--target", command)
    assert_refused(done, "no Python process told of its imports")


def test_what_cannot_be_started_leaves_no_folder(tmp_path: Path) -> None:
    for command, told in (("/no/such/program", "cannot be started"), ("true", "no output")):
        done = imports("--runs-dir", str(tmp_path), "--target", command)
        assert_refused(done, told)
        assert not list(tmp_path.iterdir())


def test_another_machine_is_refused_before_anything_starts(tmp_path: Path) -> None:
    words = ("--runs-dir", str(tmp_path), "--target", "sleep 60")
    done = imports(*words, "--host", "http://staging.invalid")
    assert_refused(done, "http://staging.invalid:80 is not this machine")
    assert not list(tmp_path.iterdir())
