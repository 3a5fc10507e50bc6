"""A process made to be watched: it says when it is ready, and lives until its input closes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def target(module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Start `python -m benchmarks.<module>` and wait for its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{module}", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        hear(process)
        yield process
    finally:
        # Its input ends with this, and so does it.
        process.communicate(timeout=30)


def tell(process: subprocess.Popen[str], line: str) -> None:
    """Send one line."""
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    """Wait for one line. Raises RuntimeError when the process ends instead."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the target ended early: {process.args!r}")
    return line.strip()
