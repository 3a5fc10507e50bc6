"""Everything that is read of the target at one tick, each kind on its own cadence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from memory_sidecar.clock import Tick
from memory_sidecar.costs import Costs
from memory_sidecar.group_watch import GroupWatch
from memory_sidecar.peaks import PeakTaker, PhasePeaks
from memory_sidecar.proportional import ProportionalReader
from memory_sidecar.reading import Details, HostMemory, Identity
from memory_sidecar.slow_details import SlowDetails
from memory_sidecar.sources import Source
from memory_sidecar.sources.cgroup import GroupFigures
from memory_sidecar.tag import Tag
from memory_sidecar.tree import Change, TreeWatch
from rundir import MemorySample, ProcessSample, RunClock

HOST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One tick: the sample, and a row for each process where it was time for that."""

    sample: MemorySample
    processes: tuple[ProcessSample, ...]


class TickReader:
    """Reads one target. `limit_bytes` is only written beside the figures."""

    def __init__(
        self,
        source: Source,
        tree: TreeWatch,
        group: GroupWatch,
        *,
        clock: RunClock,
        limit_bytes: int,
        interval_seconds: float,
        now: Callable[[], float],
    ) -> None:
        self.costs = Costs()
        self.tell_inside: Callable[[], Mapping[str, float]] = dict
        self.proportional = ProportionalReader(source.sizes, interval_seconds, now)
        self._source = source
        self._tree = tree
        self._group = group
        self._clock = clock
        self._now = now
        self._limit_bytes = limit_bytes
        self._details = SlowDetails(source.details, now)
        self._taker = PeakTaker(source.take_mark, group)
        self._phase_peaks = PhasePeaks()
        self._row_peaks = PhasePeaks()
        self._inactive_file: int | None = None
        self._host: HostMemory | None = None
        self._next_host = float("-inf")
        self._begun = False

    def note(self, change: Change) -> None:
        """The tree has changed, or was looked at for the first time."""
        if not self._begun:
            # What these processes held before the watch is none of its windows.
            self._begun = True
            self._taker.discard(change.started)
        self.proportional.forget(change.exited)
        if change.started or change.exited:
            self.proportional.all_due()
        if change.started:
            self._details.read_soon()

    def read(self, tick: Tick, tag: Tag) -> Reading:
        """Read whatever is due."""
        with self.costs.of("cgroup"):
            figures = self._group.figures()
        with self.costs.of("statm"):
            sizes = ((process, self._source.rss(process)) for process in self._tree.members)
            rss_of = {process: rss for process, rss in sizes if rss is not None}
        with self.costs.of("smaps_rollup"):
            self.proportional.measure(rss_of)
        with self.costs.of("high-water marks"):
            # Last of all: the window holds what this sample saw, and what is shared is known.
            high, group_peak = self._take_window(figures)
        # The end of the window is the sample's time: what came later is in the next one.
        at = self._now()
        with self.costs.of("details"):
            read_now = self._details.read_if_due(rss_of)
            rows = tuple(self._row(at, tag, p, rss_of[p], d) for p, d in read_now.items())
        if rows:
            self._row_peaks = PhasePeaks()
        with self.costs.of("host"):
            self._read_host(tick)
        sample = self._sample(at, tag, rss_of, figures, (high, group_peak), late=tick.late_seconds)
        return Reading(sample, rows)

    def close_window(self) -> PhasePeaks:
        """Take the marks now and give the peaks since the last call: the end of a phase."""
        self._take_window(self._group.figures())
        closed, self._phase_peaks = self._phase_peaks, PhasePeaks()
        return closed

    def _take_window(self, figures: GroupFigures | None) -> tuple[int | None, int | None]:
        """The upper end since the last window, and the group's own peak; kept for the phase."""
        inactive, before = None, self._inactive_file
        if figures is not None:
            self._inactive_file = figures.inactive_file
            inactive = min(figures.inactive_file, figures.usage if before is None else before)
        window = self._taker.take(self._tree.members, self.proportional.shared, inactive)
        self._phase_peaks.add(window)
        self._row_peaks.add(window)
        return window.high, window.group

    def _read_host(self, tick: Tick) -> None:
        if tick.at >= self._next_host:
            self._next_host = tick.at + HOST_SECONDS
            self._host = self._source.host()

    def _row(
        self, at: float, tag: Tag, process: Identity, rss: int, details: Details
    ) -> ProcessSample:
        sizes = self.proportional.sizes_of(process)
        return ProcessSample(
            time=self._clock.at(at),
            elapsed=at - self._clock.monotonic,
            phase=tag.phase,
            pid=process.pid,
            create_time=process.create_time,
            role=self._tree.role(process),
            name=details.name,
            rss=rss,
            pss=sizes.pss if sizes else None,
            uss=sizes.uss if sizes else None,
            peak=self._row_peaks.processes.get(process.pid),
            threads=details.threads,
            fds=details.fds,
            rss_file=details.rss_file,
        )

    def _sample(
        self,
        at: float,
        tag: Tag,
        rss_of: dict[Identity, int],
        figures: GroupFigures | None,
        peaks: tuple[int | None, int | None],
        *,
        late: float,
    ) -> MemorySample:
        totals, counts = self.proportional.totals(rss_of), self._details.counts(rss_of)
        pressure, host = self._group.pressure(), self._host
        return MemorySample(
            time=self._clock.at(at),
            elapsed=at - self._clock.monotonic,
            phase=tag.phase,
            users=tag.users,
            processes=len(rss_of),
            rss=sum(rss_of.values()) if rss_of else None,
            pss=totals.pss if totals else None,
            pss_age=totals.age_seconds if totals else None,
            uss=totals.uss if totals else None,
            swap=totals.swap if totals else None,
            cgroup_usage=figures.usage if figures else None,
            working_set=figures.working_set if figures else None,
            limit=self._limit_bytes,
            threads=counts.threads,
            fds=counts.fds,
            connections=counts.connections,
            system_available=host.available if host else None,
            system_swap_used=host.swap_used if host else None,
            late=late,
            peak=peaks[0],
            cgroup_peak=peaks[1],
            cgroup_anon=figures.anon if figures else None,
            cgroup_file=figures.file if figures else None,
            cgroup_shmem=figures.shmem if figures else None,
            cgroup_kernel=figures.kernel if figures else None,
            cgroup_swap=figures.swap if figures else None,
            pressure_some=pressure.some_seconds if pressure else None,
            pressure_full=pressure.full_seconds if pressure else None,
            refaults=figures.refaults if figures else None,
            major_faults=figures.major_faults if figures else None,
            pss_file=totals.pss_file if totals else None,
            inside=self.tell_inside(),
        )
