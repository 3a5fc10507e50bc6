"""One tick after the other: look, read, append, watch the limit; and phases as announced."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from memory_sidecar.alerts import Alert, AlertWatch
from memory_sidecar.census import Census
from memory_sidecar.clock import Tick, is_late
from memory_sidecar.finding_again import Following
from memory_sidecar.group_watch import GroupWatch
from memory_sidecar.inside.watch import InsideWatch
from memory_sidecar.limit import Limit
from memory_sidecar.peaks import PhasePeaks
from memory_sidecar.recorder import Recorder
from memory_sidecar.sources import Source
from memory_sidecar.tag import Tag
from memory_sidecar.tick_reader import TickReader
from memory_sidecar.tree import TreeWatch
from rundir import MemorySample, ProcessSample, RunClock

GAP_SECONDS = 1.0
LATE_SECONDS = 2.0
"""A phase's end heard of later: its samples' own peaks are right, those of the whole are not."""

# Five minutes at 10 Hz: whoever asks for more reads the file.
KEPT_SAMPLES = 3_000


@dataclass(frozen=True, slots=True)
class Announcement:
    """A phase as it was announced; `name` None ends the one in force. Times: epoch, monotonic."""

    name: str | None
    index: int
    users: int
    seconds: float | None
    time: float
    monotonic: float
    resumed: bool = False


@dataclass(slots=True)
class Counters:
    """Ticks taken, late and missed, and alerts told."""

    ticks: int = 0
    late: int = 0
    missed: int = 0
    alerts: int = 0


class Sampler:
    """Takes samples of one target. `lock` guards what the control server also reads."""

    def __init__(
        self,
        source: Source,
        root: int,
        group: GroupWatch,
        *,
        interval_seconds: float,
        limit: Limit,
        recorder: Recorder,
        on_alert: Callable[[Alert], None],
        following: Following,
        clock: RunClock,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lock = threading.RLock()
        self.limit = limit
        self.interval_seconds = interval_seconds
        self.counters = Counters()
        self.tag = Tag()
        self.latest: MemorySample | None = None
        self.peak: int | None = None
        self.peak_since_load: int | None = None
        self.last_alert: str | None = None
        self.rows: tuple[ProcessSample, ...] = ()
        self.samples: deque[MemorySample] = deque(maxlen=KEPT_SAMPLES)
        self.recorder = recorder
        self.inside: InsideWatch | None = None
        self.tree = TreeWatch(source, root)
        self.group = group
        self.census = Census(
            source, self.tree, group, recorder=recorder, following=following, now=now
        )
        self.reader = TickReader(
            source,
            self.tree,
            group,
            clock=clock,
            limit_bytes=limit.size_bytes,
            interval_seconds=interval_seconds,
            now=now,
        )
        self._source = source
        self._watch = AlertWatch(limit.size_bytes, limit.source)
        self._on_alert = on_alert
        self._denied_told = False

    @property
    def sources(self) -> list[str]:
        """Names of the sources whose figures count, the processes' first."""
        return [self._source.name, *(["cgroup"] if self.group.counts else [])]

    def take(self, tick: Tick) -> MemorySample:
        """Read one tick, append it, and tell alerts."""
        with self.lock:
            self._count(tick)
            with self.reader.costs.of("tree"):
                change = self.census.look_if_due()
                if change is not None:
                    self.reader.note(change)
            reading = self.reader.read(tick, self.tag)
            if not reading.sample.processes:
                # What was there at the last look is gone: look again at once.
                self.census.look_soon()
            with self.reader.costs.of("write"):
                self.recorder.memory(reading.sample)
                for row in reading.processes:
                    self.recorder.process(row)
            self.rows = reading.processes or self.rows
            self._tell_denied()
            alerts = self._judge(reading.sample)
        for alert in alerts:
            self._on_alert(alert)
        return reading.sample

    def _count(self, tick: Tick) -> None:
        self.counters.ticks += 1
        self.counters.missed += tick.missed
        self.counters.late += is_late(tick, self.interval_seconds)
        blind = tick.missed * self.interval_seconds
        if blind >= GAP_SECONDS:
            self.recorder.event(
                "sidecar_gap", seconds=blind, reason="the sidecar did not run (paused or starved)"
            )

    def _judge(self, sample: MemorySample) -> list[Alert]:
        self.latest = sample
        self.samples.append(sample)
        used = used_bytes(sample)
        if used is None:
            return []
        high = max(used, sample.peak or 0)
        self.peak = max(self.peak or 0, high)
        self.peak_since_load = max(self.peak_since_load or 0, high)
        alerts = self._watch.check(used, measure_of(sample))
        self.counters.alerts += len(alerts)
        self.last_alert = alerts[-1].text if alerts else self.last_alert
        return alerts

    def _tell_denied(self) -> None:
        if self._source.denied and not self._denied_told:
            self._denied_told = True
            self.recorder.event(
                "read_denied",
                pids=sorted(process.pid for process in self._source.denied),
                what="smaps_rollup",
                reason="PSS of another user's process needs CAP_SYS_PTRACE; RSS is used instead",
            )

    def begin_phase(self, announced: Announcement) -> None:
        """End the phase in force, with its peaks; begin the one announced, if any.

        An announcement that comes again, because its answer was lost, changes nothing.
        """
        with self.lock:
            if announced.name is not None and announced.index <= self.tag.index:
                return
            peaks, late = self.reader.close_window(), time.monotonic() - announced.monotonic
            if late > LATE_SECONDS:
                # Cut off from who announces: the marks reach far into the phase that follows.
                peaks = PhasePeaks(since_start=peaks.since_start)
            if self.tag.index >= 0:
                self.recorder.event(
                    "phase_ended",
                    phase=self.tag.phase,
                    index=self.tag.index,
                    peaks={str(pid): size for pid, size in peaks.processes.items()},
                    peak_high=peaks.high,
                    cgroup_peak=peaks.group,
                    since_start=peaks.since_start,
                    cgroup_since_start=self.group.peak_since_start,
                    time=announced.time,
                    monotonic=announced.monotonic,
                )
            if announced.name is None:
                self.tag = Tag(users=announced.users)
                return
            self.tag = Tag(announced.name, announced.index, announced.users)
            if not announced.resumed:
                self.recorder.event(
                    "phase_started",
                    phase=announced.name,
                    index=announced.index,
                    seconds=announced.seconds,
                    users=announced.users,
                    time=announced.time,
                    monotonic=announced.monotonic,
                )


def used_bytes(sample: MemorySample) -> int | None:
    """The figure that decides: what the limit counts, else PSS, else RSS."""
    if sample.working_set is not None:
        return sample.working_set
    return sample.rss if sample.pss is None else sample.pss


def measure_of(sample: MemorySample) -> str:
    """Which of the three it is: working_set, pss or rss."""
    if sample.working_set is not None:
        return "working_set"
    return "rss" if sample.pss is None else "pss"
