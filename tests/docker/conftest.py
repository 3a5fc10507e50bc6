"""The image, built once for all of these tests."""

from __future__ import annotations

import pytest

from tests.docker.stack import IMAGE, build


@pytest.fixture(scope="session")
def image() -> str:
    """Its name."""
    build(IMAGE)
    return IMAGE
