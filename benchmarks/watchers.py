"""The tools that watch a process: how each is started, and what it wrote down."""

from __future__ import annotations

import csv
import math
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from benchmarks.peer_programs import peer_program

ROOT = Path(__file__).resolve().parent.parent
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Measure(Enum):
    """Which size of a process a tool tells."""

    RSS = "RSS"
    PSS = "PSS"


@dataclass(frozen=True, slots=True)
class Reading:
    """The size that a tool gives for a moment (UTC epoch seconds); None: it gives none."""

    time: float
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Watcher:
    """One tool at one rate: its command for a pid and a folder, and how to read what it wrote."""

    name: str
    rate: str
    command: Callable[[int, Path], list[str]]
    read: Callable[[Path], Iterator[Reading]]
    measure: Measure = Measure.RSS

    @property
    def label(self) -> str:
        """Name and rate, for tables."""
        return f"{self.name}, {self.rate}"


@dataclass(frozen=True, slots=True)
class Watching:
    """A tool at work."""

    watcher: Watcher
    pid: int
    folder: Path


@contextmanager
def watching(watchers: tuple[Watcher, ...], pid: int, folder: Path) -> Iterator[list[Watching]]:
    """All the tools side by side on one process; at the end each is interrupted and waited for."""
    with ExitStack() as stack:
        at_work = []
        for number, watcher in enumerate(watchers):
            own = folder / str(number)
            own.mkdir()
            process = stack.enter_context(_started(watcher.command(pid, own), own))
            at_work.append(Watching(watcher, process.pid, own))
        yield at_work


@contextmanager
def _started(words: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    # A shell starts what is in the background with this signal ignored, which tools would inherit.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Into a file: a tool that warns on every tick stalls when nobody drains a pipe.
    with (folder / "words").open("wb") as words_file:
        process = subprocess.Popen(words, cwd=ROOT, stdout=words_file, stderr=words_file)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ours(seconds: float) -> Watcher:
    """The sidecar with everything on; its size is the column `peak`, the window's upper end.

    Where the target has no cgroup of its own, as here, that is in terms of PSS.
    """

    def command(pid: int, folder: Path) -> list[str]:
        words = ["--pid", str(pid), "--interval", str(seconds), "--run-dir", str(folder / "run")]
        return [sys.executable, "-m", "memory_sidecar", *words, "--duration", "3600"]

    return Watcher("Plimsoll's sidecar", f"{seconds:g} s", command, _read_ours, Measure.PSS)


def _read_ours(folder: Path) -> Iterator[Reading]:
    with (folder / "run" / "memory_samples.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            peak = row.get("peak")
            yield Reading(float(row["time"]), int(peak) if peak else None)


def psrecord(seconds: float | None, *flags: str) -> Watcher:
    """psrecord; by default it takes the next sample as soon as it has one."""

    def command(pid: int, folder: Path) -> list[str]:
        pause = ["--interval", str(seconds)] if seconds else []
        log = ["--log", str(folder / "log")]
        return [peer_program("psrecord"), str(pid), *log, *pause, *flags]

    return Watcher("psrecord", _rate(seconds, "no pause"), command, _read_psrecord)


def _read_psrecord(folder: Path) -> Iterator[Reading]:
    # It writes the time since its start only, and every row at once: the file's last change is
    # the last row's time, exact to the kernel's clock tick of some milliseconds.
    log = folder / "log"
    last, rows = 0.0, []
    with log.open() as lines:
        for line in lines:
            if not line.startswith("#") and len(cells := line.split()) == 4:
                last = float(cells[0])
                rows.append((last, float(cells[2])))
    started = log.stat().st_mtime - last
    for elapsed, mebibytes in rows:
        yield Reading(started + elapsed, int(mebibytes * 2**20))


def mprof(seconds: float, rate: str, *flags: str) -> Watcher:
    """memory_profiler's `mprof attach`."""

    def command(pid: int, folder: Path) -> list[str]:
        words = ["attach", "-T", str(seconds), "-o", str(folder / "dat"), *flags]
        return [peer_program("mprof"), *words, str(pid)]

    return Watcher("mprof", rate, command, _read_mprof)


def _read_mprof(folder: Path) -> Iterator[Reading]:
    with (folder / "dat").open() as lines:
        for line in lines:
            if line.startswith("MEM ") and len(cells := line.split()) == 3:
                yield Reading(float(cells[2]), int(float(cells[1]) * 2**20))


def procpath(seconds: float | None) -> Watcher:
    """Procpath's `record` of one branch, reading nothing but what a resident size needs."""

    def command(pid: int, folder: Path) -> list[str]:
        pause = ["-i", str(seconds)] if seconds else []
        words = ["record", "-f", "stat", "-d", str(folder / "db"), *pause]
        return [peer_program("procpath"), *words, f"$..children[?(@.stat.pid == {pid})]"]

    return Watcher("procpath", _rate(seconds, "10 s"), command, _read_procpath)


def _read_procpath(folder: Path) -> Iterator[Reading]:
    with closing(sqlite3.connect(folder / "db")) as base:
        sums = "SELECT ts, SUM(stat_rss) FROM record GROUP BY ts ORDER BY ts"
        for moment, pages in base.execute(sums):
            yield Reading(moment, pages * PAGE_BYTES)


def _rate(seconds: float | None, default: str) -> str:
    return f"{seconds:g} s" if seconds else f"default ({default})"


def hertz(readings: list[Reading], begun: float, ended: float) -> float:
    """Readings per second between two moments (UTC epoch seconds)."""
    inside = sum(begun <= reading.time < ended for reading in readings)
    return inside / (ended - begun) if ended > begun else math.nan
