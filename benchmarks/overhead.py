"""Seconds that a headless run takes beyond its phases: start-up, shutdown and report."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.length import Length
from benchmarks.results import Outcome, Promise

ROOT = Path(__file__).resolve().parent.parent
PROMISED_SECONDS = 6.0
PHASES = {"--baseline": 2, "--load": 5, "--cooldown": 2}


def measure() -> float:
    """Wall time of a short demo run less the length of its phases."""
    with tempfile.TemporaryDirectory() as runs:
        words = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless"]
        words += ["--loglevel", "WARNING", "--runs-dir", runs]
        words += [str(part) for pair in PHASES.items() for part in pair]
        started = time.monotonic()
        subprocess.run(words, cwd=ROOT, capture_output=True, check=True, timeout=90)
        return time.monotonic() - started - sum(PHASES.values())


def run(length: Length) -> Outcome:
    """Some demo runs in turn."""
    seconds = [measure() for _ in range(length.overhead_runs)]
    median = statistics.median(seconds)
    text = f"median {median:.2f} s (promised: under {PROMISED_SECONDS:g} s)"
    return Outcome(
        title="Seconds beyond the phases of a demo run, report included",
        columns=("run", "seconds"),
        rows=tuple((str(number), f"{s:.2f}") for number, s in enumerate(seconds, 1)),
        promises=(Promise(text, median < PROMISED_SECONDS),),
    )
