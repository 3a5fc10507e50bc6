"""What the documentation tells people to copy is valid, and what it names exists."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from scenarios.cases.loading import case_names
from scenarios.loading import validate
from scenarios.model import Gates

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), flags=re.S)


def test_the_scenario_of_the_ci_page_is_valid() -> None:
    (text,) = blocks(ROOT / "docs/ci.md", "toml")
    assert validate(tomllib.loads(text), "docs/ci.md").gates.peak_mib == 450


def test_the_gates_page_names_every_rule() -> None:
    (text,) = blocks(ROOT / "docs/gates.md", "toml")
    assert set(tomllib.loads(text)["gates"]) == {field.name for field in fields(Gates)}


def test_the_workflow_runs_what_the_makefile_has() -> None:
    (text,) = blocks(ROOT / "docs/ci.md", "yaml")
    steps = yaml.safe_load(text)["jobs"]["load-and-memory"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert any(command.startswith("make headless-test SCENARIO=") for command in commands)
    kept = next(s["with"]["path"] for s in steps if "upload-artifact" in s.get("uses", ""))
    assert {"report.html", "summary.md", "junit.xml"} <= {Path(p).name for p in kept.split()}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_make_targets_exist(path: Path) -> None:
    text = path.read_text()
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (path.parent / link).exists(), link
    makefile = (ROOT / "Makefile").read_text()
    assert "\ncase-%:" in makefile
    targets = set(re.findall(r"(?m)^([a-z-]+):", makefile)) | {f"case-{n}" for n in case_names()}
    assert set(re.findall(r"(?m)(?:`|^\s*|run: |with: )make ([a-z]+(?:-[a-z]+)*)", text)) <= targets
