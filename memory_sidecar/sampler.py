"""One tick after the other: read, tag, append, watch the limit."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from memory_sidecar.alerts import Alert, AlertWatch
from memory_sidecar.clock import Tick, is_late
from memory_sidecar.limit import Limit
from memory_sidecar.proportional import ProportionalReader
from memory_sidecar.reading import Details, Identity
from memory_sidecar.recorder import Recorder
from memory_sidecar.sources import Source
from memory_sidecar.tree import TreeWatch
from rundir import MemorySample, ProcessSample

TREE_SECONDS = 0.5
DETAIL_SECONDS = 1.0
KEPT_SAMPLES = 36_000


@dataclass(slots=True)
class Tag:
    """What is announced: phase, its number, users."""

    phase: str = "unphased"
    index: int = -1
    users: int | None = None


@dataclass(slots=True)
class Counters:
    """Ticks taken, late and missed."""

    ticks: int = 0
    late: int = 0
    missed: int = 0
    alerts: list[Alert] = field(default_factory=list)


class Sampler:
    """Takes samples of one target. `lock` guards what the control server also reads."""

    def __init__(
        self,
        source: Source,
        root: int,
        *,
        interval_seconds: float,
        limit: Limit,
        recorder: Recorder,
        on_alert: Callable[[Alert], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lock = threading.RLock()
        self.limit = limit
        self.interval_seconds = interval_seconds
        self.counters = Counters()
        self.tag = Tag()
        self.latest: MemorySample | None = None
        self.peak: int | None = None
        self.samples: deque[MemorySample] = deque(maxlen=KEPT_SAMPLES)
        self.target_alive = True
        self.tree = TreeWatch(source, root)
        self.recorder = recorder
        self._source = source
        self._now = now
        self._started: float | None = None
        self._proportional = ProportionalReader(source, now)
        self._watch = AlertWatch(limit.size_bytes, limit.source)
        self._on_alert = on_alert
        self._details: dict[Identity, Details] = {}
        self._next_tree = self._next_detail = float("-inf")
        self._denied_told = False

    def take(self, tick: Tick) -> MemorySample:
        """Read one tick, append it, and tell alerts."""
        with self.lock:
            if self._started is None:
                self._started = tick.due
            self.counters.ticks += 1
            self.counters.missed += tick.missed
            self.counters.late += is_late(tick, self.interval_seconds)
            if tick.at >= self._next_tree:
                self._next_tree = tick.at + TREE_SECONDS
                self._look_at_tree()
            sample = self._read(tick)
            self.latest = sample
            self.samples.append(sample)
            self.recorder.memory(sample)
            used = used_bytes(sample)
            if used is not None:
                self.peak = max(self.peak or 0, used)
                measure = "rss" if sample.pss is None else "pss"
                alerts = self._watch.check(used, measure)
            else:
                alerts = []
            self.counters.alerts += alerts
        for alert in alerts:
            self._on_alert(alert)
        return sample

    def _look_at_tree(self) -> None:
        change = self.tree.look()
        for process in change.started:
            details = self._source.details(process)
            self.recorder.event(
                "process_started",
                pid=process.pid,
                create_time=process.create_time,
                role=self.tree.role(process),
                command=details.name if details else "",
            )
            # So that a short-lived process leaves a row, too.
            self._next_detail = float("-inf")
        for process in change.exited:
            self._details.pop(process, None)
            self.recorder.event(
                "process_exited",
                pid=process.pid,
                create_time=process.create_time,
                role="root" if process == self.tree.root else "child",
                planned=None,
                exit_code=None,
                signal=None,
            )
        self._proportional.forget(change.exited)
        if self.target_alive and self.tree.root is not None and not self.tree.root_lives:
            self.target_alive = False
            self.recorder.event("target_lost", pid=self.tree.root.pid, reason="the process is gone")

    def _read(self, tick: Tick) -> MemorySample:
        sizes = ((p, self._source.rss(p)) for p in self.tree.members)
        rss_of = {process: rss for process, rss in sizes if rss is not None}
        if not rss_of:
            # What was there at the last look is gone: look again at once.
            self._next_tree = float("-inf")
        if rss_of and self._proportional.is_due():
            self._proportional.measure(rss_of)
        totals = self._proportional.totals(rss_of)
        if tick.at >= self._next_detail:
            self._next_detail = tick.at + DETAIL_SECONDS
            self._read_details(tick, rss_of)
        system, swap = psutil.virtual_memory(), psutil.swap_memory()
        return MemorySample(
            time=time.time(),
            elapsed=tick.at - (self._started or tick.at),
            phase=self.tag.phase,
            users=self.tag.users,
            processes=len(rss_of),
            rss=sum(rss_of.values()) if rss_of else None,
            pss=totals.pss if totals else None,
            pss_age=totals.age_seconds if totals else None,
            uss=totals.uss if totals else None,
            swap=totals.swap if totals else None,
            limit=self.limit.size_bytes,
            threads=self._sum("threads", rss_of),
            fds=self._sum("fds", rss_of),
            connections=self._sum("connections", rss_of),
            system_available=system.available,
            system_swap_used=swap.used,
            late=tick.late_seconds,
        )

    def _sum(self, name: str, rss_of: dict[Identity, int]) -> int | None:
        values = [getattr(self._details[p], name) for p in rss_of if p in self._details]
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    def _read_details(self, tick: Tick, rss_of: dict[Identity, int]) -> None:
        for process, rss in rss_of.items():
            details = self._source.details(process)
            if details is None:
                continue
            self._details[process] = details
            sizes = self._proportional.sizes_of(process)
            self.recorder.process(
                ProcessSample(
                    time=time.time(),
                    elapsed=tick.at - (self._started or tick.at),
                    phase=self.tag.phase,
                    pid=process.pid,
                    create_time=process.create_time,
                    role=self.tree.role(process),
                    name=details.name,
                    rss=rss,
                    pss=sizes.pss if sizes else None,
                    uss=sizes.uss if sizes else None,
                    peak=details.peak,
                    threads=details.threads,
                    fds=details.fds,
                )
            )

    def begin_phase(
        self,
        name: str | None,
        index: int,
        users: int,
        seconds: float | None,
        at: tuple[float, float],
    ) -> None:
        """End the phase in force; begin `name` unless None. `at`: wall and monotonic seconds."""
        wall, monotonic = at
        with self.lock:
            if self.tag.index >= 0:
                self.recorder.event(
                    "phase_ended",
                    phase=self.tag.phase,
                    index=self.tag.index,
                    peaks=self._marks(),
                    time=wall,
                    monotonic=monotonic,
                )
            if name is None:
                self.tag = Tag(users=users)
                return
            self.tag = Tag(name, index, users)
            self.recorder.event(
                "phase_started",
                phase=name,
                index=index,
                seconds=seconds,
                users=users,
                time=wall,
                monotonic=monotonic,
            )

    def _marks(self) -> dict[str, int]:
        marks = {}
        for process in self.tree.members:
            details = self._source.details(process)
            if details and details.peak is not None:
                marks[str(process.pid)] = details.peak
        return marks


def used_bytes(sample: MemorySample) -> int | None:
    """The figure that decides: PSS where known, else RSS."""
    return sample.rss if sample.pss is None else sample.pss
