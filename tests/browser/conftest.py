"""One Chromium for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.opening import CHROMIUM
from tests.reports.conftest import made

__all__ = ["made"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, which apt installed: nothing is downloaded. Gone after each module."""
    with sync_playwright() as play:
        # No sandbox: CI runs as root in a container, and the pages are our own.
        launched = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()
