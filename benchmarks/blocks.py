"""Blocks of work with and without somebody watching, in turn on the same process."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

# After a pause the sidecar reads everything that has become due at once: not part of a block.
SETTLE_SECONDS = 0.5


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
class Pairs:
    """Blocks with and without the sidecar, pair by pair."""

    watched: tuple[Block, ...]
    alone: tuple[Block, ...]

    @property
    def rate_ratio(self) -> float:
        """Median of watched over alone."""
        return statistics.median(
            a.rate / b.rate for a, b in zip(self.watched, self.alone, strict=True)
        )

    @property
    def p99_ratio(self) -> float:
        """Median of alone over watched, so that below 1 means harm here, too."""
        return statistics.median(
            b.p99_seconds / a.p99_seconds for a, b in zip(self.watched, self.alone, strict=True)
        )

    @property
    def noise(self) -> float:
        """Median distance from 1 of the ratio of neighbouring blocks that nobody watched."""
        return statistics.median(
            abs(a.rate / b.rate - 1)
            for a, b in zip(self.alone[::2], self.alone[1::2], strict=False)
        )


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
