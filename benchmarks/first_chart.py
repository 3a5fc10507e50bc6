"""Size, and time until a chart is drawn: our report beside Locust's own, of the same run."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.length import Length
from benchmarks.results import Outcome, Promise

ROOT = Path(__file__).resolve().parent.parent
PROMISED_SECONDS = 1.5
OURS = "[data-charts=drawn]"
THEIRS = "canvas"
"""Selectors of what is there once the charts, or the first one, are drawn."""


def run(length: Length) -> Outcome:
    """One demo run with both reports, each opened in turn in a fresh page of headless Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return Outcome("Skipped: no chromium on PATH")
    with tempfile.TemporaryDirectory() as folder:
        theirs = Path(folder) / "locust.html"
        words = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless"]
        words += ["--loglevel", "WARNING", "--runs-dir", folder, "--html", str(theirs)]
        words += ["--baseline", "5", "--load", "20", "--cooldown", "5"]
        subprocess.run(words, cwd=ROOT, capture_output=True, check=False, timeout=120)
        (ours,) = Path(folder).glob("*/report.html")
        seconds = _timed(chromium, {OURS: ours, THEIRS: theirs}, length.openings)
        sizes = {OURS: ours.stat().st_size, THEIRS: theirs.stat().st_size}
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    ratio = medians[OURS] / medians[THEIRS]
    size = sizes[OURS] / sizes[THEIRS]
    return Outcome(
        title="Report of the same run (30 s, the demo), opened in headless Chromium",
        columns=("report", "MB", "s to the first chart, median", "s, range"),
        rows=tuple(
            (name, f"{sizes[key] / 1e6:.2f}", f"{medians[key]:.2f}", _range(seconds[key]))
            for name, key in (("Plimsoll", OURS), ("Locust --html", THEIRS))
        ),
        promises=(
            Promise(
                f"opens in {medians[OURS]:.2f} s (under 1.5)", medians[OURS] < PROMISED_SECONDS
            ),
        ),
        notes=(
            f"Ours over theirs: size {size:.2f}, time {ratio:.2f}.",
            "Ours counts as drawn when all its charts are; Locust's with its first.",
        ),
    )


def _range(seconds: list[float]) -> str:
    return f"{min(seconds):.2f} to {max(seconds):.2f}"


def _timed(chromium: str, pages: dict[str, Path], times: int) -> dict[str, list[float]]:
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {condition: [] for condition in pages}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(times):
            for condition, path in pages.items():
                page = browser.new_page()
                page.goto(path.as_uri(), wait_until="commit")
                page.wait_for_selector(condition, state="attached")
                # From the navigation's start, by the page's own clock.
                found[condition].append(float(page.evaluate("performance.now()")) / 1000)
                page.close()
        browser.close()
    return found
