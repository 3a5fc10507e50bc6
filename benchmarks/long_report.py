"""The report of a day: seconds, memory and size, and how they go with the number of samples."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.length import Length
from benchmarks.made_long_run import INTERVAL, PROCESSES, write_long_run
from benchmarks.results import Outcome, Promise

ROOT = Path(__file__).resolve().parent.parent
PROMISED_SECONDS = 20.0
PROMISED_RSS = 2**30
PROMISED_PAGE = 2_500_000
LINEAR = 1.25
"""Time per sample at the largest size over that at the smallest: more would not be linear."""


@dataclass(frozen=True, slots=True)
class Made:
    """One report: samples read, wall seconds, highest RSS (bytes), size of the page (bytes)."""

    ticks: int
    seconds: float
    rss: int
    page: int


def measure(path: Path, seconds: int) -> Made:
    """Make a run and its report, in a process of its own whose high-water mark is the kernel's."""
    directory = write_long_run(path, seconds)
    started = time.monotonic()
    words = [sys.executable, "-m", "reports", str(path)]
    null = os.open(os.devnull, os.O_WRONLY)
    pid = os.posix_spawn(
        sys.executable,
        words,
        os.environ | {"PYTHONPATH": str(ROOT)},
        file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)],
    )
    _, status, used = os.wait4(pid, 0)
    took = time.monotonic() - started
    assert os.waitstatus_to_exitcode(status) in (0, 1)
    page = directory.report_html.stat().st_size
    return Made(int(seconds / INTERVAL), took, used.ru_maxrss * 1024, page)


def run(length: Length) -> Outcome:
    """Three sizes, the largest last."""
    longest = length.report_seconds
    with tempfile.TemporaryDirectory() as folder:
        found = [measure(Path(folder) / str(part), longest // part) for part in (4, 2, 1)]
    first, last = found[0], found[-1]
    # Start-up (Python, pandas, Bokeh) is there at every size: the slope is what grows.
    slope = (last.seconds - found[1].seconds) / (last.ticks - found[1].ticks)
    before = (found[1].seconds - first.seconds) / (found[1].ticks - first.ticks)
    ratio = slope / before
    return Outcome(
        title=f"`python -m reports` on made runs: 10 Hz; {PROCESSES} processes and Locust at 1 Hz",
        columns=("ticks", "seconds", "highest RSS, MiB", "report.html, MB"),
        rows=tuple(
            (f"{m.ticks:,}", f"{m.seconds:.1f}", f"{m.rss / 2**20:.0f}", f"{m.page / 1e6:.2f}")
            for m in found
        ),
        promises=(
            Promise(f"{last.seconds:.1f} s (under 20 s)", last.seconds < PROMISED_SECONDS),
            Promise(f"{last.rss / 2**20:.0f} MiB (under 1 GiB)", last.rss < PROMISED_RSS),
            Promise(f"{last.page / 1e6:.2f} MB (under 2.5 MB)", last.page < PROMISED_PAGE),
            Promise(
                f"seconds for each further tick, upper half over lower half: {ratio:.2f}"
                f" (linear: at most {LINEAR})",
                ratio <= LINEAR,
            ),
        ),
    )
