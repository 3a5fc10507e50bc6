"""A suite of its own, in a process of its own, with the plugin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Suite:
    """Writes test_suite.py and runs it; `outcomes` are by the test's name."""

    pytester: pytest.Pytester

    def run(self, source: str, *arguments: str) -> Ran:
        self.pytester.makepyfile(test_suite=source)
        ran = self.pytester.runpytest_subprocess(
            "-p", "reports.pytest_plugin", "-p", "no:cacheprovider", "-v", "-rs", *arguments
        )
        text = ran.stdout.str()
        return Ran(dict(re.findall(r"::(\w+)\S* ([A-Z]+)", text)), text)


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of each test, and all that pytest printed."""

    outcomes: dict[str, str]
    text: str


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """As a user's, without other plugins; the plugin is named, for it may not be installed."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return Suite(pytester)
