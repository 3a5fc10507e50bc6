"""The image, built once for all of these tests."""

from __future__ import annotations

import fcntl
import tempfile
from pathlib import Path

import pytest

from tests.docker.stack import IMAGE, build


@pytest.fixture(scope="session")
def image() -> str:
    """Its name. Of several test processes one builds, the others find its layers."""
    with (Path(tempfile.gettempdir()) / f"{IMAGE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build(IMAGE)
    return IMAGE
