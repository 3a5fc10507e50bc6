"""A page in headless Chromium: what it said on the console, and what it asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

CHROMIUM = shutil.which("chromium")
ARTEFACTS = Path(__file__).parents[2] / "test-artefacts"
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
Scheme = Literal["light", "dark"]
DRAWN = "[data-charts=drawn]"


@dataclass
class Opened:
    """A page, the complaints on its console, and the addresses that it asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def outside(self, host: str = "") -> list[str]:
        """Addresses that are neither a file, data, nor the given host:port."""
        return [
            url
            for url in self.asked
            if urlsplit(url).scheme not in ("file", "data", "blob") and urlsplit(url).netloc != host
        ]

    def shot(self, name: str, *, whole: bool = False) -> None:
        """Keep a picture among the test artefacts."""
        ARTEFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=whole)

    def width_beyond(self) -> int:
        """Pixels by which the document is wider than the window."""
        script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(script))


@contextmanager
def opened(
    browser: Browser, url: str, *, width: int = 1280, height: int = 900, scheme: Scheme = "light"
) -> Iterator[Opened]:
    """Open it with a listener on everything."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    found = Opened(context.new_page())

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.complaints.append(message.text)

    def broken(error: Error) -> None:
        found.complaints.append(str(error))

    found.page.on("console", heard)
    found.page.on("pageerror", broken)
    found.page.on("request", lambda request: found.asked.append(request.url))
    try:
        found.page.goto(url)
        yield found
    finally:
        context.close()
