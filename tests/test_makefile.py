"""What make hands on of its variables: each as the one word that it was given as."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TELLS = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done
"""


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """An environment that looks installed, whose programs say what they were called with."""
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    for name in ("python", "locust"):
        (folder / "bin" / name).write_text(TELLS)
        (folder / "bin" / name).chmod(0o755)
    (folder / ".run-ready").touch()
    return folder


def words(venv: Path, *given: str) -> list[str]:
    done = subprocess.run(
        ["make", "--no-print-directory", f"VENV={venv}", *given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("target", ["imports", "headless-test", "what-if"])
def test_a_command_with_quotes_of_its_own_stays_one_word(venv: Path, target: str) -> None:
    command = "sh -c 'cd app && exec python -c \"import a, b\"'"
    found = words(venv, target, f"TARGET={command}", "LIMIT=1GiB")
    assert command in found


def test_names_with_apostrophes_and_commas_are_names(venv: Path) -> None:
    assert words(venv, "case-it's", "RUNS=a, b's")[2:] == ["it's", "--runs-dir", "a, b's"]
    assert words(venv, "baseline", "RUN=runs/a's runs/b")[3:] == ["runs/a's", "runs/b"]
    assert words(venv, "compare", "BASE=a's b", "NEW=c")[3:] == ["a's,b", "c"]


def test_what_is_not_given_is_not_there(venv: Path) -> None:
    assert words(venv, "imports", "USERS=") == ["-m", "harness.imports"]
    options = words(venv, "headless-test", "USERS=5", "INSIDE=1")
    assert options[-4:] == ["--users", "5", "--inside", "yes"]


def test_help_says_which_variables_the_cases_and_imports_take(venv: Path) -> None:
    rows = {line.split()[0]: line for line in words(venv, "help") if line}
    assert "[RUNS=...]" in rows["case-NAME"] and "[HOST=...]" in rows["imports"]
    assert "headless-test, web, attribute and connections" in rows["Variables"]


@pytest.mark.parametrize("goal", ["report", "verify", "components", "find-limit", "baseline"])
def test_a_value_is_never_read_by_a_shell(venv: Path, tmp_path: Path, goal: str) -> None:
    run = f'runs/a"b`touch${{IFS}}{tmp_path}/read`'.replace("$", "$$")
    assert any('a"b' in word for word in words(venv, goal, f"RUN={run}"))
    assert not (tmp_path / "read").exists()


def test_names_with_double_quotes_are_names(venv: Path) -> None:
    assert words(venv, "monitor", 'NAME=my "app')[-1] == 'my "app'
    assert 'a"b' in words(venv, "jobs", 'LOG=a"b')
    assert 'a"b' in words(venv, "compare", 'BASE=a"b', "NEW=c")
