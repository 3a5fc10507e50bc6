"""What the sidecar takes from its target: rate and p99 with and without it, on one process."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.blocks import Block, Pairs, alternate
from benchmarks.closed_loop import connections, drive, wait_for_answer
from benchmarks.length import Length
from benchmarks.results import Outcome, Promise
from benchmarks.target_process import hear, target, tell
from benchmarks.watchers import ROOT, ours, watching
from harness.free_port import free_port

PROMISED = 0.99
WARM_UP_SECONDS = 3.0
DEMO_PATH = "/api/v1/symbols"
COLUMNS = ("target", "figure", "with", "without", "ratio, median of pairs")


def churning(length: Length) -> Pairs:
    """A process that maps and unmaps, 500 MiB resident."""
    with target("churning_target") as process, _sidecar(process.pid) as sidecar:

        def work() -> Block:
            tell(process, str(length.churning.seconds))
            durations = json.loads(hear(process))
            return Block.of(durations, sum(durations))

        return alternate(work, sidecar, length.churning.pairs)


def demo(length: Length) -> Pairs:
    """The demo service with one uvicorn process, kept busy by four connections."""
    with _demo_service() as (pid, port), _sidecar(pid) as sidecar, connections(port) as opened:

        def work() -> Block:
            started = time.perf_counter()
            durations = drive(opened, DEMO_PATH, length.serving.seconds)
            return Block.of(durations, time.perf_counter() - started)

        return alternate(work, sidecar, length.serving.pairs)


@contextmanager
def _sidecar(pid: int) -> Iterator[int]:
    with tempfile.TemporaryDirectory() as name, watching((ours(0.1),), pid, Path(name)) as at_work:
        time.sleep(WARM_UP_SECONDS)
        try:
            yield at_work[0].pid
        finally:
            # Stopped, it would not hear that it shall end.
            os.kill(at_work[0].pid, signal.SIGCONT)


@contextmanager
def _demo_service() -> Iterator[tuple[int, int]]:
    port = free_port()
    words = ["demo.app:app", "--port", str(port), "--no-access-log", "--log-level", "error"]
    server = subprocess.Popen([sys.executable, "-m", "uvicorn", *words], cwd=ROOT)
    try:
        wait_for_answer(port)
        yield server.pid, port
    finally:
        server.terminate()
        server.wait()


def run(length: Length) -> Outcome:
    """Both targets in turn."""
    found = {"mmap-heavy, 500 MiB": churning(length), "demo service": demo(length)}
    blocks = (length.churning, length.serving)
    lengths = " and ".join(f"{b.pairs} pairs of {b.seconds:g} s" for b in blocks)
    return Outcome(
        title="An operation's rate and p99 with and without the sidecar at 10 Hz, blocks in turn "
        f"(ABBA) on one process: {lengths}",
        columns=COLUMNS,
        rows=tuple(row for name, pairs in found.items() for row in _rows(name, pairs)),
        promises=tuple(p for name, pairs in found.items() for p in _promises(name, pairs)),
        notes=(
            "Without: the same sidecar, stopped by SIGSTOP. The ratio of p99 is without over with: "
            "below 1 is harm in both. In brackets: where the true median lies (95 %); a median "
            "below the promise is broken only if all of that is below, too.",
        ),
    )


def _promises(name: str, pairs: Pairs) -> list[Promise]:
    return [
        Promise(f"{name}: {what} {ratio} (promised: at least {PROMISED})", ratio.at_least(PROMISED))
        for what, ratio in (("rate", pairs.rate), ("p99", pairs.p99))
    ]


def _rows(name: str, pairs: Pairs) -> list[tuple[str, ...]]:
    sides = (pairs.watched, pairs.alone)
    rates = [f"{statistics.median(b.rate for b in side):,.0f}" for side in sides]
    ends = [f"{statistics.median(b.p99_seconds for b in side) * 1e3:.2f}" for side in sides]
    return [
        (name, "operations per second", *rates, str(pairs.rate)),
        (name, "p99, ms", *ends, str(pairs.p99)),
    ]
