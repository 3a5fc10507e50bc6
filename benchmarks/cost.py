"""Processor time of each tool at 10 Hz on idle trees, in the steady state, side by side."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.length import Length
from benchmarks.processor_time import seconds_used
from benchmarks.results import Outcome, Promise
from benchmarks.target_process import target
from benchmarks.watchers import Watcher, Watching, hertz, mprof, ours, procpath, psrecord, watching

INTERVAL_SECONDS = 0.1
WARM_UP_SECONDS = 3.0
# Processes in the tree, and what our cost over that of the cheapest peer may be at most.
PROMISED = {1: 1.0, 5: 0.5, 50: 0.5}
COLUMNS = ("processes", "tool", "CPU, % of a core", "samples per second", "ms per sample")


@dataclass(frozen=True, slots=True)
class Cost:
    """One tool on one tree: the share of a core (0 to 1), and how often it really sampled."""

    tool: str
    share: float
    hertz: float

    @property
    def row(self) -> tuple[str, ...]:
        """Its cells, without the tree's."""
        each = f"{self.share / self.hertz * 1e3:.2f}" if self.hertz else "-"
        return (self.tool, f"{self.share:.2%}", f"{self.hertz:.1f}", each)


def watchers() -> tuple[Watcher, ...]:
    """Ours first; the peers with children, and with the least that gives a size."""
    return (
        ours(INTERVAL_SECONDS),
        psrecord(INTERVAL_SECONDS, "--include-children"),
        mprof(INTERVAL_SECONDS, f"{INTERVAL_SECONDS:g} s", "--include-children"),
        procpath(INTERVAL_SECONDS),
    )


def measure(processes: int, seconds: float) -> list[Cost]:
    """What each tool costs on a tree of so many, in the order of `watchers`.

    At the same time, so that whatever else the machine does hits all of them.
    """
    with tempfile.TemporaryDirectory() as name:
        with _on_idle_tree(processes, Path(name)) as at_work:
            time.sleep(WARM_UP_SECONDS)
            begun, before = time.time(), [seconds_used(tool.pid) for tool in at_work]
            time.sleep(seconds)
            ended, after = time.time(), [seconds_used(tool.pid) for tool in at_work]
        return [
            Cost(
                tool.watcher.name,
                (after[number] - before[number]) / (ended - begun),
                hertz(list(tool.watcher.read(tool.folder)), begun, ended),
            )
            for number, tool in enumerate(at_work)
        ]


@contextmanager
def _on_idle_tree(processes: int, folder: Path) -> Iterator[list[Watching]]:
    with (
        target("idle_tree", str(processes)) as root,
        watching(watchers(), root.pid, folder) as at_work,
    ):
        yield at_work


def run(length: Length) -> Outcome:
    """All trees in turn."""
    rows: list[tuple[str, ...]] = []
    promises = []
    for processes, most in PROMISED.items():
        mine, *peers = measure(processes, length.cost_seconds)
        rows += [(str(processes), *cost.row) for cost in (mine, *peers)]
        cheapest = min(peers, key=lambda cost: cost.share)
        ratio = mine.share / cheapest.share
        text = (
            f"on {processes}: ours over {cheapest.tool} {mine.share:.2%} / "
            f"{cheapest.share:.2%} = {ratio:.2f} (promised: at most {most:.1f})"
        )
        promises.append(Promise(text, ratio <= most))
    return Outcome(
        title=f"Processor time at 10 Hz on idle trees, {length.cost_seconds:g} s in the steady "
        "state, all tools at once",
        columns=COLUMNS,
        rows=tuple(rows),
        promises=tuple(promises),
        notes=(
            "Ours has everything on: files, PSS, high-water marks, the host. Peers pause for the "
            "interval after each sample; what they reach is beside, the ratio is not corrected.",
        ),
    )
