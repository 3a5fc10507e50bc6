"""Which scenario is loaded: said on the command line, in the environment or in locust.conf."""

from pathlib import Path

import pytest

from scenarios.options import DEFAULT_SCENARIO, scenario_path


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLIMSOLL_SCENARIO", raising=False)
    return tmp_path


def test_without_a_word_it_is_the_demo() -> None:
    assert scenario_path(["--headless", "-u", "5"]) == DEFAULT_SCENARIO


def test_locust_conf_names_a_scenario(empty_folder: Path) -> None:
    (empty_folder / "locust.conf").write_text("scenario = conf.toml\nheadless = true\n")
    assert scenario_path(["-u", "5"]) == Path("conf.toml")


def test_the_environment_goes_before_locust_conf_and_the_command_line_before_both(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "locust.conf").write_text("scenario = conf.toml\n")
    monkeypatch.setenv("PLIMSOLL_SCENARIO", "env.toml")
    assert scenario_path([]) == Path("env.toml")
    assert scenario_path(["--scenario", "line.toml"]) == Path("line.toml")
