"""Threads, descriptors and connections: read rarely, one row per process and reading."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from memory_sidecar.reading import Details, Identity

DETAIL_SECONDS = 1.0
DUTY = 0.002


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over the tree; None where no process could be read."""

    threads: int | None
    fds: int | None
    connections: int | None


class SlowDetails:
    """Reads all processes once a second, or rarer where that would take over 0.2 % of a core.

    `spent`: CPU seconds of this thread. On a busy machine a reading of 0.3 ms may wait 30 ms for
    its turn; by the clock on the wall that would leave all figures as they are for 15 s.
    """

    def __init__(
        self,
        read: Callable[[Identity], Details | None],
        now: Callable[[], float],
        spent: Callable[[], float] = time.thread_time,
    ) -> None:
        self._read = read
        self._now = now
        self._spent = spent
        self._known: dict[Identity, Details] = {}
        self._next = float("-inf")

    def read_if_due(self, processes: Iterable[Identity]) -> dict[Identity, Details]:
        """What was read now; empty where it is not time."""
        started = self._now()
        if started < self._next:
            return {}
        before = self._spent()
        self._known = {p: known for p in processes if (known := self._read(p))}
        self._next = started + max(DETAIL_SECONDS, (self._spent() - before) / DUTY)
        return self._known

    def read_soon(self) -> None:
        """Read at the next tick: a short-lived process should leave a row, too."""
        self._next = float("-inf")

    def counts(self, processes: Iterable[Identity]) -> Counts:
        """Sums of what was read last."""
        known = [self._known[process] for process in processes if process in self._known]
        return Counts(
            _sum(details.threads for details in known),
            _sum(details.fds for details in known),
            _sum(details.connections for details in known),
        )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
