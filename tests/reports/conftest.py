"""Made runs as fixtures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from tests.reports.made_run import MadeRun  # noqa: E402


@pytest.fixture
def made(tmp_path: Path) -> MadeRun:
    """A complete run with known figures, not yet written."""
    return MadeRun(tmp_path / "run")
