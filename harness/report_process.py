"""Reports are a process of their own: what they import does not burden the generator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_report(run_directory: Path) -> int:
    """Run `python -m reports` on the directory, its output on ours; returns its exit code."""
    command = [sys.executable, "-m", "reports", str(run_directory)]
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode
