"""Proportional sizes on a cadence that their own cost sets, carried between two measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from memory_sidecar.reading import Identity, Sizes
from memory_sidecar.sources import Source

DUTY = 0.01
LEAST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the tree in bytes, and the age in seconds of what they rest on."""

    pss: int
    uss: int
    swap: int
    age_seconds: float


class ProportionalReader:
    """Reads smaps_rollup rarely enough: at most 1 % of the time, at most once a second."""

    def __init__(self, source: Source, now: Callable[[], float]) -> None:
        self._source = source
        self._now = now
        self._measured: dict[Identity, tuple[Sizes, int]] = {}
        self._at = 0.0
        self._next = float("-inf")
        self.cost_seconds = 0.0

    def is_due(self) -> bool:
        """Whether the budget allows a measurement now."""
        return self._now() >= self._next

    def measure(self, rss_of: dict[Identity, int]) -> None:
        """Measure every process of the tick; unreadable ones stay unmeasured."""
        started = self._now()
        found = {}
        for process, rss in rss_of.items():
            sizes = self._source.sizes(process)
            if sizes is not None:
                found[process] = (sizes, rss - sizes.pss)
        self._measured, self._at = found, self._now()
        self.cost_seconds = self._at - started
        self._next = started + max(LEAST_SECONDS, self.cost_seconds / DUTY)

    def sizes_of(self, process: Identity) -> Sizes | None:
        """The last measurement of one process."""
        measured = self._measured.get(process)
        return measured[0] if measured else None

    def totals(self, rss_of: dict[Identity, int]) -> Totals | None:
        """PSS now: RSS less the last difference RSS - PSS; None where nothing was measured.

        A process that is younger than the measurement counts with its whole RSS.
        """
        if not self._measured or not rss_of:
            return None
        known = [self._measured[p][0] for p in rss_of if p in self._measured]
        if not known:
            return None
        pss = sum(
            rss - (self._measured[p][1] if p in self._measured else 0) for p, rss in rss_of.items()
        )
        return Totals(
            max(pss, 0),
            sum(sizes.uss for sizes in known),
            sum(sizes.swap for sizes in known),
            max(0.0, self._now() - self._at),
        )

    def forget(self, gone: Iterable[Identity]) -> None:
        """Drop processes that are gone."""
        for process in gone:
            self._measured.pop(process, None)
