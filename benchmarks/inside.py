"""What it costs to be asked from inside: throughput of one service beside its untouched twin."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.blocks import Block, Pairs
from benchmarks.closed_loop import connections, drive, wait_for_answer
from benchmarks.length import Length
from benchmarks.results import Outcome, Promise
from harness.free_port import free_port
from memory_sidecar.probe.running import added

ROOT = Path(__file__).resolve().parent.parent
DEMO_PATH = "/api/v1/symbols"
WARM_UP_SECONDS = 3.0
TWINS = 3
"""Two processes of one program differ by themselves: so many pairs of them."""

COLUMNS = ("what is inside", "requests per second with", "without", "ratio, median of pairs")


@dataclass(frozen=True, slots=True)
class Side:
    """How one twin is started and watched; `watch`: words for a sidecar, None: none."""

    environ: dict[str, str]
    watch: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A service, its two sides, and what is promised of their ratio (None: it is only stated)."""

    name: str
    command: Callable[[int], list[str]]
    path: str
    with_it: Side
    without: Side
    promised: float | None


def cases() -> tuple[Case, ...]:
    """Those that can run on this machine."""
    own = dict(os.environ)
    probed, traced = {**own, **added(own)}, {**own, **added(own, 8)}
    found = [
        Case("Python probe, nobody asks", _demo, DEMO_PATH, Side(probed), Side(own), 0.99),
        Case("Python probe, asked at 1 Hz", _demo, DEMO_PATH, Side(probed, ("--inside", "auto")),
             Side(own, ("--inside", "no")), 0.98),
        Case("tracemalloc, 8 frames, demo", _demo, DEMO_PATH, Side(traced), Side(own), None),
    ]  # fmt: skip
    if shutil.which("node"):
        found.append(
            Case("Node's inspector at 1 Hz", _node, "/", Side(own, ("--inside", "yes")),
                 Side(own, ("--inside", "no")), 0.98)
        )  # fmt: skip
    return tuple(found)


def _demo(port: int) -> list[str]:
    words = ["demo.app:app", "--port", str(port), "--no-access-log", "--log-level", "error"]
    return [sys.executable, "-m", "uvicorn", *words]


def _node(port: int) -> list[str]:
    return ["node", str(ROOT / "benchmarks" / "plain_server.mjs"), str(port)]


def measure(case: Case, length: Length) -> Pairs:
    """Blocks of requests to either twin in turn (ABBA), over TWINS pairs of processes."""
    watched: list[Block] = []
    alone: list[Block] = []
    per_twin = max(2, length.serving.pairs // 2)
    for _ in range(TWINS):
        with _serving(case, case.with_it) as ours, _serving(case, case.without) as bare:
            for drive_one in (ours, bare):
                drive_one(length.serving.seconds)
            for pair in range(per_twin):
                for side in (watched, alone)[:: -1 if pair % 2 else 1]:
                    side.append((ours if side is watched else bare)(length.serving.seconds))
    return Pairs(tuple(watched), tuple(alone))


@contextmanager
def _serving(case: Case, side: Side) -> Iterator[Callable[[float], Block]]:
    port = free_port()
    with ExitStack() as stack:
        server = stack.enter_context(_process(case.command(port), side.environ))
        wait_for_answer(port)
        if side.watch is not None:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            words = ["--pid", str(server.pid), "--run-dir", folder, *side.watch]
            stack.enter_context(
                _process([sys.executable, "-m", "memory_sidecar", *words], dict(os.environ))
            )
        time.sleep(WARM_UP_SECONDS)
        opened = stack.enter_context(connections(port))

        def work(seconds: float) -> Block:
            started = time.perf_counter()
            durations = drive(opened, case.path, seconds)
            return Block.of(durations, time.perf_counter() - started)

        yield work


@contextmanager
def _process(words: Sequence[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        words, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def run(length: Length) -> Outcome:
    """All cases in turn."""
    found = [(case, measure(case, length)) for case in cases()]
    blocks = max(2, length.serving.pairs // 2)
    return Outcome(
        title=f"A service with something inside beside its untouched twin, {TWINS} pairs of "
        f"processes, {blocks} blocks of {length.serving.seconds:g} s each in turn (ABBA)",
        columns=COLUMNS,
        rows=tuple(_row(case.name, pairs) for case, pairs in found),
        promises=tuple(
            Promise(
                f"{case.name}: {pairs.rate} (promised: at least {case.promised})",
                pairs.rate.at_least(case.promised),
            )
            for case, pairs in found
            if case.promised is not None
        ),
        notes=("Where one twin is watched by a sidecar, so is the other, without a look inside.",),
    )


def _row(name: str, pairs: Pairs) -> tuple[str, ...]:
    rates = [f"{statistics.median(b.rate for b in s):,.0f}" for s in (pairs.watched, pairs.alone)]
    return (name, *rates, str(pairs.rate))
