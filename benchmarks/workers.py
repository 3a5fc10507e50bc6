"""Requests per second of one Locust process against a master with 1 and 2 workers."""

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

import psutil

from benchmarks.length import Length
from benchmarks.results import Outcome, Promise
from benchmarks.throughput import ROOT, SECONDS, USERS
from harness.free_port import free_port
from rundir import RunDirectory, read_events

SETUPS = (0, 1, 2)
PROMISED = 0.85
LOCUST = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--loglevel", "ERROR"]
LOCUST += ["--scenario", "benchmarks/plain.toml"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Under load: requests per second, and cores that Locust's own processes kept busy."""

    requests: float
    cores: float

    @property
    def per_core_second(self) -> float:
        """Requests for each second of processor time that Locust spent."""
        return self.requests / self.cores


@contextmanager
def canned_server(port: int) -> Iterator[int]:
    """Its pid, once it listens."""
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.canned_server", str(port)])
    try:
        while not any(c.status == "LISTEN" for c in psutil.Process(server.pid).net_connections()):
            time.sleep(0.02)
        yield server.pid
    finally:
        server.kill()
        server.wait()


def measure(workers: int, server: int, port: int) -> Rate:
    """One run; 0 workers: one process that does everything itself."""
    with tempfile.TemporaryDirectory() as runs:
        words = ["--headless", "--host", f"http://127.0.0.1:{port}", "--target-pid", str(server)]
        words += ["-u", str(USERS), "-r", str(USERS), "--runs-dir", runs]
        words += ["--baseline", "2", "--load", str(SECONDS), "--cooldown", "1"]
        meeting = str(free_port())
        if workers:
            words += ["--master", "--master-bind-port", meeting, "--expect-workers", str(workers)]
        joining = ["--worker", "--master-host", "127.0.0.1", "--master-port", meeting]
        started = [
            subprocess.Popen(
                [*LOCUST, *more], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            for more in [words, *[joining] * workers]
        ]
        used = processor_time_until_end(started)
        (directory,) = (RunDirectory(path) for path in Path(runs).iterdir())
        return rate_of(directory, used)


def processor_time_until_end(
    processes: list[subprocess.Popen[bytes]],
) -> list[tuple[float, float]]:
    """Monotonic seconds, and processor seconds of all of them so far; none of their children's."""
    seen = [psutil.Process(one.pid) for one in processes]
    last = dict.fromkeys(seen, 0.0)
    found = []
    while any(one.poll() is None for one in processes):
        for process in seen:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                times = process.cpu_times()
                last[process] = times.user + times.system
        found.append((time.monotonic(), sum(last.values())))
        time.sleep(0.1)
    assert not any(one.returncode for one in processes), "a run of the benchmark failed"
    return found


def rate_of(directory: RunDirectory, used: list[tuple[float, float]]) -> Rate:
    """Over the load phase, its first and last second left out."""
    events, _ = read_events(directory.events)
    start, end = (
        next(e.monotonic for e in events if e.name == name and e.fields["phase"] == "load")
        for name in ("phase_started", "phase_ended")
    )
    inside = [(at, cpu) for at, cpu in used if start + 1 <= at <= end - 1]
    (first, before), (last, after) = inside[0], inside[-1]
    entries = json.loads(directory.locust_stats_json.read_text())["entries"]
    totals: dict[str, int] = {}
    for entry in entries:
        for second, count in entry["num_reqs_per_sec"].items():
            totals[second] = totals.get(second, 0) + count
    whole = [totals[second] for second in sorted(totals)][1:-1]
    return Rate(statistics.mean(whole), (after - before) / (last - first))


def run(length: Length) -> Outcome:
    """In turn, so many times; the median of each."""
    port = free_port()
    found: dict[int, list[Rate]] = {workers: [] for workers in SETUPS}
    with canned_server(port) as server:
        for _ in range(length.throughput_pairs):
            for workers in SETUPS:
                found[workers].append(measure(workers, server, port))
    rates = {w: statistics.median(rate.requests for rate in found[w]) for w in SETUPS}
    costs = {w: statistics.median(rate.per_core_second for rate in found[w]) for w in SETUPS}
    cores = {w: statistics.median(rate.cores for rate in found[w]) for w in SETUPS}
    kept = costs[2] / costs[0]
    names = ("one process", "master and 1 worker", "master and 2 workers")
    return Outcome(
        title=f"Requests per second of the suite with {USERS} users without think time, by "
        "Locust's processes; the server runs on the same machine",
        columns=("Locust", "requests/s", "over one", "cores busy", "requests per core second"),
        rows=tuple(
            (
                name,
                f"{rates[w]:,.0f}",
                f"{rates[w] / rates[0]:.2f}",
                f"{cores[w]:.2f}",
                f"{costs[w]:,.0f}",
            )
            for w, name in zip(SETUPS, names, strict=True)
        ),
        promises=(
            Promise(
                f"requests per core second, 2 workers over one process: {kept:.2f} (promised: at "
                f"least {PROMISED})",
                kept >= PROMISED,
            ),
        ),
        notes=(
            "Two workers, a master, the server and the sidecar share the machine's processors; the "
            "cores that were busy tell how much of them the generator got.",
        ),
    )
