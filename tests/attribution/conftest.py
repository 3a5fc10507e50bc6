"""What tests of attribution share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.made_run import MadeRun


@pytest.fixture
def made(tmp_path: Path) -> MadeRun:
    """A run directory that is not written yet."""
    return MadeRun(tmp_path / "run")
