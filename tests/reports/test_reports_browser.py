"""The page in a real browser: charts drawn, console clean, nothing fetched."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from tests.reports.made_run import EVIL, MadeRun

CHROMIUM = shutil.which("chromium")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--enable-logging=stderr",
    "--virtual-time-budget=5000",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


def opened(page: Path, profile: Path) -> tuple[str, list[str], list[str]]:
    """The document after its scripts ran, the console's lines, and the URLs asked for."""
    log = profile.with_suffix(".json")
    done = subprocess.run(
        [
            str(CHROMIUM), *QUIET, f"--user-data-dir={profile}", f"--log-net-log={log}",
            "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, console, requested(json.loads(log.read_text()))


def requested(log: dict[str, Any]) -> list[str]:
    """URLs that a page asked for, by Chromium's net log; the browser's own have no origin."""
    asked = [event.get("params", {}) for event in log["events"]]
    return [
        str(params["url"])
        for params in asked
        if params.get("initiator", "not an origin") != "not an origin"
        and str(params.get("url", "")).startswith(("http:", "https:", "ws:", "wss:"))
    ]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
def test_the_net_log_would_show_a_fetch(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="http://fetched.invalid/x.png">')
    assert "http://fetched.invalid/x.png" in opened(page, tmp_path / "profile")[2]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
def test_the_page_draws_its_charts_offline_with_a_clean_console(
    made: MadeRun, tmp_path: Path
) -> None:
    directory = made.but(names=("/a", EVIL)).write()
    main([str(directory.path)])
    document, console, urls = opened(directory.report_html, tmp_path / "profile")
    assert 'data-charts="drawn"' in document
    assert [line for line in console if "setting log level" not in line] == []
    assert urls == []


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
def test_a_foreign_script_in_the_page_does_not_run(made: MadeRun, tmp_path: Path) -> None:
    directory = made.write()
    main([str(directory.path)])
    page = directory.report_html
    page.write_text(
        page.read_text().replace("</main>", "</main><script>document.title='x'</script>")
    )
    document, console, _ = opened(page, tmp_path / "profile")
    assert "<title>x</title>" not in document
    assert any("Content Security Policy" in line for line in console)
