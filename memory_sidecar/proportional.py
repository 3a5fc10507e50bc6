"""Proportional sizes on a cadence that their own cost sets, carried between two measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from memory_sidecar.reading import Identity, Sizes

CPU_DUTY = 0.0025
LOCK_DUTY = 0.005
LEAST_SECONDS = 1.0
TICK_SHARE = 0.05
BURST_SECONDS = 0.05
DEBT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the tree in bytes, and the age in seconds of the oldest figure in them.

    `pss_file`: of `pss`, pages of files; None: not of every process known.
    """

    pss: int
    uss: int
    swap: int
    age_seconds: float
    pss_file: int | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: the sizes, when, and what it took (seconds)."""

    sizes: Sizes
    at: float
    cost_seconds: float

    @property
    def shared(self) -> int:
        """RSS - PSS of one and the same reading, bytes: the target may map and unmap meanwhile."""
        return self.sizes.rss - self.sizes.pss


class ProportionalReader:
    """Reads smaps_rollup rarely enough.

    It walks the process's page tables under its mmap lock. All readings together may take 0.25 %
    of one core, those of one process 5 ms of its lock per second; at most once a second, and at
    one tick not much more than 5 % of the interval, so that the next tick is not late. A process
    that was never measured counts with all that it shares, so its first measurement does not wait
    for the budget: it is paid back later, up to half a second of debt.
    """

    def __init__(
        self,
        read: Callable[[Identity], Sizes | None],
        interval_seconds: float,
        now: Callable[[], float],
    ) -> None:
        self._read = read
        self._tick_seconds = TICK_SHARE * interval_seconds
        self._now = now
        self._measured: dict[Identity, Measured] = {}
        self._due: dict[Identity, float] = {}
        self._allowance = BURST_SECONDS
        self._allowed_at = now()
        self._all_due_at = float("-inf")

    @property
    def period_seconds(self) -> float:
        """Seconds between two measurements of all processes, as their cost allows now."""
        costs = [measured.cost_seconds for measured in self._measured.values()]
        return max(LEAST_SECONDS, sum(costs) / CPU_DUTY, max(costs, default=0.0) / LOCK_DUTY)

    def measure(self, processes: Iterable[Identity]) -> None:
        """Measure who is due, those never measured first, for as long as one tick allows."""
        started = self._now()
        self._allowance += (started - self._allowed_at) * CPU_DUTY
        self._allowance, self._allowed_at = min(self._allowance, BURST_SECONDS), started
        due = [p for p in processes if self._due.get(p, float("-inf")) <= started]
        due.sort(key=lambda process: self._due.get(process, float("-inf")))
        for process in due:
            spent = self._now() - started
            allowed = self._allowance
            if process not in self._measured:
                allowed += DEBT_SECONDS
            if spent > self._tick_seconds or spent >= allowed:
                break
            self._measure(process)
        self._allowance -= self._now() - started

    def _measure(self, process: Identity) -> None:
        started = self._now()
        sizes = self._read(process)
        ended = self._now()
        if sizes is not None:
            self._measured[process] = Measured(sizes, ended, ended - started)
        period = self.period_seconds
        before = self._due.get(process)
        # From the deadline, not from now: else the cadence drifts by a tick each time.
        on_time = before is not None and started - before < period / 2
        self._due[process] = (before if on_time and before is not None else started) + period

    def all_due(self) -> None:
        """A process came or went: what is shared among how many has changed for all."""
        now = self._now()
        if now - self._all_due_at >= self.period_seconds:
            self._due.clear()
            self._all_due_at = now

    def sizes_of(self, process: Identity) -> Sizes | None:
        """The last measurement of one process."""
        measured = self._measured.get(process)
        return measured.sizes if measured else None

    def shared(self, process: Identity) -> int | None:
        """RSS - PSS of one process at its last measurement, bytes."""
        measured = self._measured.get(process)
        return measured.shared if measured else None

    def totals(self, rss_of: dict[Identity, int]) -> Totals | None:
        """PSS now: RSS less the last difference RSS - PSS; None where nothing was measured.

        A process that is younger than the measurement counts with its whole RSS.
        """
        known = [self._measured[p] for p in rss_of if p in self._measured]
        if not known:
            return None
        pss = sum(rss - (self.shared(process) or 0) for process, rss in rss_of.items())
        return Totals(
            max(pss, 0),
            sum(measured.sizes.uss for measured in known),
            sum(measured.sizes.swap for measured in known),
            max(0.0, self._now() - min(measured.at for measured in known)),
            _sum_of_known([measured.sizes.pss_file for measured in known]),
        )

    def forget(self, gone: Iterable[Identity]) -> None:
        """Drop processes that are gone."""
        for process in gone:
            self._measured.pop(process, None)
            self._due.pop(process, None)


def _sum_of_known(sizes: list[int | None]) -> int | None:
    """None where one is unknown: a sum without it would pass for a smaller one."""
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
