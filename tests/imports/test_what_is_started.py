"""Which command `make imports` starts, and where it waits for its answer; nothing is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import imports
from harness.target import TargetChoice
from scenarios.errors import UsageError

HOST = "http://127.0.0.1:8123"


def started(monkeypatch: pytest.MonkeyPatch, runs: Path, **given: str) -> TargetChoice:
    seen: list[TargetChoice] = []
    monkeypatch.setattr(imports, "_measure", lambda choice, *_: seen.append(choice))
    monkeypatch.setattr(imports, "_report", lambda _: 0)
    asked = {"command": None, "host": None} | given
    assert imports.imports(imports.DEMO, runs, asked["command"], asked["host"]) == 0
    return seen[0]


def test_a_host_alone_says_where_the_scenarios_command_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    choice = started(monkeypatch, tmp_path, host=HOST)
    assert choice.base_url == HOST
    assert choice.command[1:4] == ("-m", "uvicorn", "demo.app:app")
    assert choice.command[choice.command.index("--port") + 1] == "8123"


def test_a_command_that_is_given_goes_before_the_scenarios(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert started(monkeypatch, tmp_path, command="serve -p 1").command == ("serve", "-p", "1")


def test_a_host_and_a_scenario_without_a_command_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(
        'name = "x"\n[target]\nbase_url = "http://127.0.0.1:8000"\n'
        '[weights]\nlight = 1\nmedium = 0\nheavy = 0\n[[endpoints]]\npath = "/"\ntier = "light"\n'
    )
    with pytest.raises(UsageError, match="give TARGET="):
        imports.imports(file, tmp_path, None, HOST)
