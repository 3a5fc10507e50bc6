"""The made run, read once for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.made_run import MadeRun


@pytest.fixture
def made(tmp_path: Path) -> MadeRun:
    """Complete, not yet written."""
    return MadeRun(tmp_path / "run")
