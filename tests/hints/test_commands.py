"""A hint's commands repeat the run: its scenario, target and load, and no machine's folders."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.proving.replay import replay_of
from reports.hints.commands import Commands, commands_of
from reports.hints.make_words import ROOT
from reports.loading import load
from scenarios.errors import UsageError
from tests.hints.made_seen import made_at

TARGET = {"found_by": "command", "command": ["uvicorn", "app:app", "--port", "41001"]}
STEADY = {"kind": "steady", "phases": [{"users": 3, "spawn_rate": 1, "seconds": 9}]}


def commands(path: Path, **run: Any) -> Commands:
    """Of the made run with these keys in run.json."""
    return commands_of(load(made_at(path, **{"scenario": {}, **run}).write().path))


def started(*words: str, **target: Any) -> dict[str, Any]:
    return {"found_by": "command", "command": list(words), **target}


def found(base_url: str, by: str = "port") -> dict[str, Any]:
    return {"found_by": by, "base_url": base_url}


def handed_on(path: Path, command: str) -> list[str]:
    """What make calls Locust with, where a person types this command."""
    programs = path / "venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "locust"):
        (programs / name).write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
        (programs / name).chmod(0o755)
    (programs.parent / ".run-ready").touch()
    typed = f"{command} --no-print-directory VENV={programs.parent}"
    done = subprocess.run(["sh", "-c", typed], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_target_that_the_scenario_starts_needs_no_words(tmp_path: Path) -> None:
    scenario = {
        "path": str(ROOT / "scenarios" / "demo.toml"),
        "target": {"command": ["{python}", "app:app", "--port", "{port}"]},
    }
    target = started("/bin/python3", "app:app", "--port", "41001")
    made = commands(tmp_path, scenario=scenario, target=target)
    assert made.again("INSIDE=1") == "make headless-test SCENARIO=scenarios/demo.toml INSIDE=1"
    assert made.on_start("imports") == "make imports SCENARIO=scenarios/demo.toml"


def test_a_target_given_by_hand_is_filled_in(tmp_path: Path) -> None:
    made = commands(tmp_path, scenario={"path": "my shop.toml"}, target=TARGET)
    assert made.on_start("imports") == (
        "make imports SCENARIO='my shop.toml' TARGET='uvicorn app:app --port 41001'"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("sh", "-c", "cd app && exec uvicorn app:app"),
        ("python", "-c", "print('here')"),
        ("./server", '--name="a b"', "back\\slash", "$HOME", "", "two  blanks"),
    ],
)
def test_a_command_keeps_its_words_through_shell_make_and_its_quotes(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    told = handed_on(tmp_path, commands(tmp_path, target=started(*words)).again("INSIDE=1"))
    assert tuple(shlex.split(told[told.index("--target-command") + 1])) == words
    assert told[-2:] == ["--inside", "yes"]


@pytest.mark.parametrize(
    "words",
    [
        ("/opt/app/venv/bin/gunicorn", "app:app"),
        ("python", "-c", "import app\napp.run()"),
    ],
)
def test_a_command_that_cannot_be_typed_or_shown_is_left_to_who_knows_it(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert commands(tmp_path, target=started(*words)).target == (
        "TARGET='the command that starts it'"
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (found("http://127.0.0.1:8000"), "PORT=8000"),
        (found("http://localhost:8000", "pid"), "PORT=8000 HOST=http://localhost:8000"),
        (found("https://localhost:8443"), "PORT=8443 HOST=https://localhost:8443"),
        (found("http://127.0.0.1", "name"), "PORT=80 HOST=http://127.0.0.1"),
        (found("https://[::1]"), "PORT=443 HOST='https://[::1]'"),
        (
            found("http://box.lan:8000"),
            "PORT=8000 HOST=http://box.lan:8000 ALLOW_HOST=box.lan",
        ),
        (
            found("https://stage.example", "remote"),
            "HOST=https://stage.example ALLOW_HOST=stage.example SIDECAR_URL=...",
        ),
        (
            started("uvicorn", "app:app", base_url="https://localhost:8443"),
            "TARGET='uvicorn app:app' HOST=https://localhost:8443",
        ),
    ],
)
def test_the_load_goes_to_the_same_address(
    tmp_path: Path, target: dict[str, Any], expected: str
) -> None:
    made = commands(tmp_path, target=target)
    assert made.again() == f"make headless-test {expected}"


def test_a_target_that_ran_already_has_to_be_started_for_some_goals(tmp_path: Path) -> None:
    made = commands(tmp_path, target=found("http://127.0.0.1:8000"), plan=STEADY)
    assert made.on_start("imports") == "make imports TARGET='the command that starts it'"
    assert made.asking() == "make headless-test TARGET='the command that starts it' INSIDE=1"


def test_folders_of_the_machine_are_not_shown(tmp_path: Path) -> None:
    made = commands(tmp_path, scenario={"path": str(tmp_path / "shop.toml")}, target=TARGET)
    assert made.on_run("components") == "make components RUN=runs/run"
    shown = (made.again(), made.after(), made.started(), made.on_scenario("attribute"))
    assert not any(str(tmp_path) in text for text in shown)
    assert "SCENARIO=shop.toml" in made.again()


REMOTE = [{"name": "a"}, {"name": "b"}]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ({"target": TARGET, "plan": STEADY}, True),
        ({"target": found("http://127.0.0.1:8000"), "plan": STEADY}, False),
        ({"target": found("http://127.0.0.1:8000", "pid"), "plan": STEADY}, False),
        ({"target": found("http://a:1", "remote"), "plan": STEADY, "targets": REMOTE}, False),
        ({"target": TARGET, "plan": {**STEADY, "kind": "connections"}}, False),
        ({"target": TARGET, "plan": {"kind": "manual", "phases": []}}, False),
        ({"target": TARGET}, False),
    ],
)
def test_what_is_said_to_be_repeatable_is_what_can_be_repeated(
    tmp_path: Path, run: dict[str, Any], *, expected: bool
) -> None:
    scenario = {"path": str(ROOT / "scenarios" / "demo.toml")}
    made = made_at(tmp_path, scenario=scenario, **run).write()
    assert commands_of(load(made.path)).can_repeat is expected
    if expected:
        replay_of(made.path)
    else:
        with pytest.raises(UsageError):
            replay_of(made.path)


def test_a_run_by_hand_is_made_by_hand_again(tmp_path: Path) -> None:
    scenario = {"phases": {"plan": "steady"}}
    made = commands(tmp_path, scenario=scenario, target=TARGET, plan={"kind": "manual"})
    assert made.again("INSIDE=1").startswith("make web TARGET=")
    assert made.again("INSIDE=1").endswith("PLAN=manual INSIDE=1")
    assert made.started().endswith("PLAN=steady")


@pytest.mark.parametrize("word", ["/home/me/app.py", "--app-dir=/home/me", "cd '/home/me' && x"])
def test_a_command_with_a_folder_of_the_machine_is_left_to_be_filled_in(
    tmp_path: Path, word: str
) -> None:
    made = commands(tmp_path, target=started("python", word))
    assert "/home" not in made.again()
    assert "TARGET='the command that starts it'" in made.again()


def test_an_address_is_shown_without_password_and_query(tmp_path: Path) -> None:
    made = commands(tmp_path, target=found("http://user:s3cret@10.0.0.3:8000/api?token=s3cret"))
    assert "s3cret" not in made.again()
    assert "HOST=http://10.0.0.3:8000/api ALLOW_HOST=10.0.0.3" in made.again()
