"""Blocks of work with and without somebody watching, in turn on the same process."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import comb

# After a pause the sidecar reads everything that has become due at once: not part of a block.
SETTLE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Block:
    """What was done in one block: operations per second, and the slow end of their durations."""

    rate: float
    p99_seconds: float

    @staticmethod
    def of(durations: list[float], seconds: float) -> Block:
        """From the duration of each operation and that of the whole block."""
        p99 = statistics.quantiles(durations, n=100)[98]
        return Block(len(durations) / seconds, p99)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Median of the pairs' ratios, and the interval that holds the true median (95 %).

    The interval is that of order statistics (sign test); with fewer than six pairs it is the whole
    range, which then means less than 95 %.
    """

    median: float
    low: float
    high: float

    @staticmethod
    def of(ratios: list[float]) -> Ratio:
        """From one ratio per pair."""
        ordered, count = sorted(ratios), len(ratios)
        outside, rank = 0.0, 0
        while rank < (count - 1) // 2:
            outside += 2 * comb(count, rank) / 2**count
            if outside + 2 * comb(count, rank + 1) / 2**count > 0.05:
                break
            rank += 1
        return Ratio(statistics.median(ordered), ordered[rank], ordered[-1 - rank])

    def __str__(self) -> str:
        return f"{self.median:.3f} [{self.low:.3f}-{self.high:.3f}]"

    def at_least(self, promised: float) -> bool | None:
        """Whether the median is; None where it is not, but the interval says that it may be."""
        if self.median >= promised:
            return True
        return None if self.high >= promised else False


@dataclass(frozen=True, slots=True)
class Pairs:
    """Blocks with and without the sidecar, pair by pair."""

    watched: tuple[Block, ...]
    alone: tuple[Block, ...]

    @property
    def rate(self) -> Ratio:
        """Watched over alone."""
        return Ratio.of([a.rate / b.rate for a, b in self._both])

    @property
    def p99(self) -> Ratio:
        """Alone over watched, so that below 1 means harm here, too."""
        return Ratio.of([b.p99_seconds / a.p99_seconds for a, b in self._both])

    @property
    def _both(self) -> list[tuple[Block, Block]]:
        return list(zip(self.watched, self.alone, strict=True))


def alternate(work: Callable[[], Block], sidecar: int, pairs: int) -> Pairs:
    """One block to get warm, then ABBA: drift of the machine falls on both sides alike.

    `sidecar` is a process id; stopped by a signal it reads nothing, and nothing else changes.
    """
    work()
    watched: list[Block] = []
    alone: list[Block] = []
    for pair in range(pairs):
        for turn in (signal.SIGCONT, signal.SIGSTOP)[:: -1 if pair % 2 else 1]:
            os.kill(sidecar, turn)
            time.sleep(SETTLE_SECONDS)
            (watched if turn is signal.SIGCONT else alone).append(work())
    os.kill(sidecar, signal.SIGCONT)
    return Pairs(tuple(watched), tuple(alone))
