"""Scenario files: what is accepted, and how a mistake is told."""

from pathlib import Path

import pytest

from scenarios.errors import UsageError
from scenarios.loading import load_scenario, validate

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))
LEAST = {
    "name": "least",
    "target": {"base_url": "http://127.0.0.1:8000"},
    "weights": {"light": 1, "medium": 0, "heavy": 0},
    "endpoints": [{"path": "/", "tier": "light"}],
}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_scenario_is_valid_and_named_after_its_file(path: Path) -> None:
    assert load_scenario(path).name == path.stem


def test_a_scenario_of_ten_lines_is_enough() -> None:
    assert validate(LEAST, "x.toml").endpoints[0].label == "/"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": {"base_url": "nowhere"}}, ("x.toml: [target]: key 'base_url'", "'nowhere'")),
        ({"colour": 1}, ("top level: unknown key 'colour'", "endpoints")),
        (
            {"target": {"base_url": "http://a", "helth": "/"}},
            ("[target]: unknown key 'helth'", "health"),
        ),
        (
            {"endpoints": [{"path": "/", "tier": "lite"}]},
            ("[[endpoints]] number 1: key 'tier'", "'light', 'medium' or 'heavy'", "'lite'"),
        ),
        ({"endpoints": [{"tier": "light"}]}, ("[[endpoints]] number 1", "'path'", "missing")),
        ({"phases": {"load_seconds": -3}}, ("[phases]: key 'load_seconds'", "greater", "-3")),
        ({"endpoints": []}, ("give at least one [[endpoints]]",)),
        ({"endpoints": [{"path": "/${a}", "tier": "light"}]}, ("'${a}'", "[values]")),
        ({"weights": {"light": 1, "medium": 1, "heavy": 0}}, ("medium weighs 1",)),
        ({"think_time": {"min_seconds": 2, "max_seconds": 1}}, ("[think_time]", "above")),
        (
            {"target": {"base_url": "http://a", "find": {"pid": 1, "port": 2}}},
            ("[target.find]", "exactly one"),
        ),
    ],
)
def test_a_mistake_names_file_table_key_and_expectation(
    change: dict[str, object], words: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as caught:
        validate(LEAST | change, "x.toml")
    assert "\n" not in str(caught.value)
    for word in ("x.toml", *words):
        assert word in str(caught.value)


def test_broken_toml_and_a_missing_file_are_told_with_their_path(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ")
    with pytest.raises(UsageError, match=r"broken\.toml: not valid TOML"):
        load_scenario(broken)
    with pytest.raises(UsageError, match=r"no such scenario file; those shipped: .*demo"):
        load_scenario(tmp_path / "absent.toml")
