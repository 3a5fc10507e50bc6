"""Requests per second of the suite's users against a bare FastHttpUser on the same server."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from benchmarks.length import Length
from benchmarks.results import Outcome, Promise

ROOT = Path(__file__).resolve().parent.parent
USERS, SECONDS = 20, 8
PROMISED = 0.95
LOCUST = [sys.executable, "-m", "locust", "--headless", "--loglevel", "ERROR"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours over the baseline, pair by pair; both sides in requests per second."""

    ours: tuple[float, ...]
    baseline: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the pairwise ratios."""
        return statistics.median(a / b for a, b in zip(self.ours, self.baseline, strict=True))


@contextmanager
def plain_server(port: int) -> Iterator[int]:
    """A uvicorn process with the plain app; yields its pid."""
    words = [sys.executable, "-m", "uvicorn", "benchmarks.plain_server:app", "--port", str(port)]
    server = subprocess.Popen([*words, "--no-access-log", "--log-level", "error"], cwd=ROOT)
    try:
        for _ in range(200):
            try:
                urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def rate_of_bare(host: str) -> float:
    """One run of the bare locustfile; requests per second while it lasted."""
    words = ["-f", "benchmarks/bare_locustfile.py", "--host", host, "-u", str(USERS)]
    words += ["-r", str(USERS), "-t", f"{SECONDS}s", "--json"]
    done = subprocess.run(
        [*LOCUST, *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    entries = json.loads(done.stdout[done.stdout.index("[") :])
    return _middle_rate([entry["num_reqs_per_sec"] for entry in entries])


def rate_of_suite(host: str, pid: int) -> float:
    """One run of the suite with sidecar and run directory; the same figure."""
    with tempfile.TemporaryDirectory() as runs:
        words = ["-f", "locustfile.py", "--scenario", "benchmarks/plain.toml", "--host", host]
        words += ["--target-pid", str(pid), "-u", str(USERS), "-r", str(USERS), "--runs-dir", runs]
        words += ["--baseline", "1", "--load", str(SECONDS), "--cooldown", "1"]
        subprocess.run([*LOCUST, *words], cwd=ROOT, capture_output=True, check=True, timeout=90)
        (written,) = Path(runs).glob("*/locust_stats.json")
        entries = json.loads(written.read_text())["entries"]
    return _middle_rate([entry["num_reqs_per_sec"] for entry in entries])


def _middle_rate(per_second: list[dict[str, int]]) -> float:
    """Median of the whole seconds; the first and the last are ramp and stop."""
    totals: dict[str, int] = {}
    for entry in per_second:
        for second, count in entry.items():
            totals[second] = totals.get(second, 0) + count
    whole = [totals[second] for second in sorted(totals)][1:-1]
    return statistics.median(whole)


def measure(pairs: int, port: int = 8971) -> Ratio:
    """Both sides in turn, so many times, on one server."""
    ours: list[float] = []
    baseline: list[float] = []
    host = f"http://127.0.0.1:{port}"
    with plain_server(port) as pid:
        for pair in range(pairs):
            if pair % 2:
                ours.append(rate_of_suite(host, pid))
            baseline.append(rate_of_bare(host))
            if not pair % 2:
                ours.append(rate_of_suite(host, pid))
    return Ratio(tuple(ours), tuple(baseline))


def run(length: Length) -> Outcome:
    """The suite's users against a bare FastHttpUser."""
    ratio = measure(length.throughput_pairs)
    text = f"median of the pairs' ratios {ratio.median:.3f} (promised: at least {PROMISED})"
    return Outcome(
        title=f"Requests per second of the suite's {USERS} users against a bare FastHttpUser on "
        "the same server",
        columns=("pair", "ours, per second", "bare, per second", "ratio"),
        rows=tuple(
            (str(number), f"{a:,.0f}", f"{b:,.0f}", f"{a / b:.3f}")
            for number, (a, b) in enumerate(zip(ratio.ours, ratio.baseline, strict=True), 1)
        ),
        promises=(Promise(text, ratio.median >= PROMISED),),
    )
