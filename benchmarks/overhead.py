"""Seconds that a headless run takes beyond its phases: start-up, shutdown and report."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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
