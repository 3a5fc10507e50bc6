"""One run: its directory, its sidecar, its statistics, and what is announced to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import gevent
from locust import stats as locust_stats
from locust.env import Environment

from harness.announcements import Announcement
from harness.live.history import LiveRun, Moment, Size
from harness.progress import Progress
from harness.run_record import plan_as_json
from harness.sidecars.watching import Begin, Surroundings
from harness.statistics import StatisticsRecorder
from harness.webhook import Webhook
from memory_sidecar.client import SidecarStatus
from rundir import EventLog, RunClock, RunDirectory
from scenarios.errors import UsageError
from scenarios.phases import Phase, PhasePlan

HEARTBEAT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PhaseClock:
    """Seconds left, as the plan sees it now."""

    in_phase: float
    in_all: float


class Run:
    """Everything that belongs to one run, from its first file to its last event."""

    def __init__(
        self,
        environment: Environment,
        directory: RunDirectory,
        record: dict[str, Any],
        clock: RunClock,
        begin: Begin,
        *,
        say: Callable[[str], None],
        webhook: Webhook | None = None,
    ) -> None:
        """Write run.json and begin to measure. Raises UsageError where either fails."""
        self._environment = environment
        self.directory = directory
        self._record = record
        self._say = say
        self._phase: Phase | None = None
        self._clock = clock
        self._ending = False
        self._disk_told = False
        self._requests = self._failures = 0
        self._moment = self._began = time.monotonic()
        self._webhook = webhook
        self.live = LiveRun(directory.path.name)
        try:
            directory.write_run_json(record)
            self._events = EventLog(directory.events, self._clock)
            self._events.append("run_started", pid=record["target"]["pid"])
        except OSError as error:
            raise UsageError(f"{directory.path}: cannot be written to ({error})") from None
        self.sidecars = begin(Surroundings(directory, say, self.note, self._alert))
        if self.sidecars.facts:
            self._record |= self.sidecars.facts
            self._write_record()
        # In the web UI the counts of the run before stand until Locust's own start clears them.
        environment.stats.clear_all()
        self._statistics = StatisticsRecorder(environment, directory, self._clock)
        self._csv = locust_stats.StatsCSVFileWriter(
            environment,
            locust_stats.PERCENTILES_TO_REPORT,
            str(directory.locust_prefix),
            full_history=True,
        )
        self._writing = gevent.spawn(self._write_csv)

    def _write_csv(self) -> None:
        try:
            self._csv()
        except OSError as error:
            # Locust's writer cannot go on; the exact figures are in our own file, which retries.
            self._tell_disk(error)

    def note(self, name: str, **more: Any) -> None:
        """Append one event; a disk that refuses is told, and the run goes on."""
        try:
            self._events.append(name, **more)
        except OSError as error:
            self._tell_disk(error)

    def _tell_disk(self, error: OSError) -> None:
        if not self._disk_told:
            self._disk_told = True
            self._say(f"error: {self.directory.path}: {error.strerror}; free some space")

    def begin_phase(self, phase: Phase, index: int, planned_seconds: float | None) -> None:
        """Cut the statistics and announce the phase to whoever measures."""
        monotonic = time.monotonic()
        self._statistics.phase_begins(phase.name, index, idle=not phase.users)
        self._phase = phase
        self.live.begin_phase(phase.name, monotonic - self._began)
        self.sidecars.announce(
            Announcement(phase, index, planned_seconds, self._clock.at(monotonic), monotonic)
        )

    def plan_grows(self, plan: PhasePlan) -> None:
        """The plan has got more phases than it began with."""
        self._record["plan"] = plan_as_json(plan)
        self._write_record()

    def write_statistics(self) -> None:
        """Have what is counted so far on disk, for a reader in mid-run."""
        try:
            self._statistics.write()
        except OSError as error:
            self._tell_disk(error)

    @property
    def status(self) -> SidecarStatus | None:
        """What was told of the target last."""
        return self.sidecars.status

    @property
    def sidecar_lost(self) -> bool:
        """Whether memory is not measured any more, or nobody can tell."""
        return self.sidecars.lost

    def look(self, moment: str) -> None:
        """Have the target say what its memory is, outside of any phase; see `looking`."""
        self.sidecars.look(moment)

    @property
    def looking(self) -> bool:
        """Whether that still goes on."""
        return self.sidecars.looking

    def heartbeat(self, clock: PhaseClock) -> Progress:
        """Once a second: users to the sidecar, statistics to disk, a moment for people."""
        runner = self._environment.runner
        users = runner.user_count if runner else 0
        requests, failures = self._requests, 0
        try:
            requests, failures = self._statistics.tick(users)
        except OSError as error:
            self._tell_disk(error)
        self.sidecars.report_load(users, requests, failures)
        now = time.monotonic()
        seconds = max(now - self._moment, 1e-3)
        rate = (requests - self._requests) / seconds
        failed = (failures - self._failures) / seconds
        self._requests, self._failures, self._moment = requests, failures, now
        status = self.status
        self._show(Moment(round(now - self._began, 3), users, rate, failed, None, None))
        return Progress(
            self._phase.name if self._phase else "starting",
            clock.in_phase,
            clock.in_all,
            users,
            rate,
            failures,
            status.used if status and not self.sidecar_lost else None,
            status.peak if status else None,
            status.limit if status else None,
            requests,
        )

    def _show(self, load: Moment) -> None:
        """The moment for the live page; memory stays unknown while no sidecar measures it."""
        status = self.status if not self.sidecar_lost else None
        if status is None:
            self.live.add(load)
            return
        self.live.limit, self.live.limit_source = status.limit, status.limit_source
        self.live.measure = status.measure
        heap = status.inside.get("heap_used")
        self.live.add(
            replace(
                load,
                memory=status.used,
                peak=status.peak_since_load,
                heap=None if heap is None else int(heap),
            )
        )
        for member in status.members:
            if member.rss is not None:
                size = Size(load.at, member.rss)
                self.live.add_size(member.pid, member.role, member.name, size)

    def _alert(self, text: str) -> None:
        self._say(f"ALERT  {text}")
        self.live.alert(text, time.monotonic() - self._began)
        if self._webhook:
            phase = self._phase.name if self._phase else "starting"
            self._webhook.send(text, run=self.directory.path.name, phase=phase)

    def freeze(self) -> None:
        """Write Locust's figures as they stand. It must not switch to another greenlet.

        In the web UI the next start may follow at once, and Locust clears the counts then.
        """
        if self._ending:
            return
        self._ending = True
        self._statistics.phase_ends()
        self._writing.kill(block=False)
        self.sidecars.freeze()
        try:
            self._csv.close_files()
            self._statistics.write()
        except OSError as error:
            self._tell_disk(error)

    def end(self, reason: str) -> bool:
        """Close everything; True when all that was measured is on disk."""
        self.freeze()
        complete = self.sidecars.end(reason)
        sources = self.status.sources if self.status else None
        self._record |= {"ended": self._clock.now(), "end_reason": reason, "sources": sources}
        self._write_record()
        self.note("run_ended", reason=reason)
        self._events.close()
        return self.sidecars.collect() and complete and not self._disk_told

    def _write_record(self) -> None:
        try:
            self.directory.write_run_json(self._record)
        except OSError as error:
            self._tell_disk(error)
