"""One run: its directory, its sidecar, its statistics, and what is announced to them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import gevent
from locust import stats as locust_stats
from locust.env import Environment

from harness.announcements import Announcement, Announcements
from harness.live.history import LiveRun, Moment, Size
from harness.progress import Progress
from harness.sidecar_process import SidecarProcess, SidecarSettings
from harness.statistics import StatisticsRecorder
from harness.webhook import Webhook
from memory_sidecar.client import SidecarStatus
from memory_sidecar.errors import SidecarUnreachable
from rundir import EventLog, RunDirectory
from scenarios.errors import UsageError
from scenarios.phases import Phase

HEARTBEAT_SECONDS = 1.0
RESTARTS = 3
INSIDE_SECONDS = 300.0
"""At the end, for the processes to say what they hold: a large heap takes its time."""


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
        settings: SidecarSettings,
        *,
        say: Callable[[str], None],
        webhook: Webhook | None = None,
    ) -> None:
        """Write run.json and start the sidecar. Raises UsageError where either fails."""
        self._environment = environment
        self.directory = directory
        self._record = record
        self._say = say
        self._phase: Phase | None = None
        self._announcements = Announcements()
        self._settings = settings
        self._clock = settings.clock
        self._ending = False
        self._disk_told = False
        self.sidecar_lost = False
        self.status: SidecarStatus | None = None
        self._requests = self._failures = 0
        self._moment = self._began = time.monotonic()
        self._webhook = webhook
        self.live = LiveRun(directory.path.name)
        try:
            directory.write_run_json(record)
            self._events = EventLog(directory.events, self._clock)
            self._events.append("run_started", pid=settings.pid)
        except OSError as error:
            raise UsageError(f"{directory.path}: cannot be written to ({error})") from None
        self._sidecar = SidecarProcess(settings)
        # In the web UI the counts of the run before stand until Locust's own start clears them.
        environment.stats.clear_all()
        self._statistics = StatisticsRecorder(environment, directory, self._clock)
        self._csv = locust_stats.StatsCSVFileWriter(
            environment,
            locust_stats.PERCENTILES_TO_REPORT,
            str(directory.locust_prefix),
            full_history=True,
        )
        self._greenlets = [gevent.spawn(self._write_csv), gevent.spawn(self._watch_sidecar)]

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
        """Cut the statistics and announce the phase to the sidecar."""
        monotonic = time.monotonic()
        self._statistics.phase_begins(phase.name, index)
        self._phase = phase
        self.live.begin_phase(phase.name, monotonic - self._began)
        self._announcements.add(
            Announcement(phase, index, planned_seconds, self._clock.at(monotonic), monotonic)
        )
        # A sidecar that is slow to answer must not hold up the load.
        gevent.spawn(self._announce)

    def look(self, moment: str) -> None:
        """Have the target say what its memory is, outside of any phase; see `looking`."""
        with contextlib.suppress(SidecarUnreachable):
            if not self.sidecar_lost:
                self.status = self._sidecar.client.look(moment)

    @property
    def looking(self) -> bool:
        """Whether that still goes on."""
        with contextlib.suppress(SidecarUnreachable):
            if not self.sidecar_lost:
                self.status = self._sidecar.client.status()
                return self.status.looking
        return False

    def _announce(self) -> None:
        if not self.sidecar_lost:
            self._announcements.send(self._sidecar.client)

    def _write_phase_events(self) -> None:
        """What the sidecar would have written: the phases stay known without it."""
        before, unknown = self._announcements.unconfirmed()
        for announced in unknown:
            self._note_phase_ended(before, announced.monotonic)
            before = announced
            self.note(
                "phase_started",
                phase=announced.phase.name,
                index=announced.index,
                seconds=announced.seconds,
                users=announced.phase.users,
                time=announced.time,
                monotonic=announced.monotonic,
            )
        self._note_phase_ended(before, time.monotonic())

    def _note_phase_ended(self, announced: Announcement | None, monotonic: float) -> None:
        if announced is not None:
            self.note(
                "phase_ended",
                phase=announced.phase.name,
                index=announced.index,
                peaks={},
                time=self._clock.at(monotonic),
                monotonic=monotonic,
            )

    def heartbeat(self, clock: PhaseClock) -> Progress:
        """Once a second: users to the sidecar, statistics to disk, a moment for people."""
        runner = self._environment.runner
        users = runner.user_count if runner else 0
        requests, failures = self._requests, 0
        try:
            requests, failures = self._statistics.tick(users)
        except OSError as error:
            self._tell_disk(error)
        with contextlib.suppress(SidecarUnreachable):
            if not self.sidecar_lost:
                self._announce()
                self.status = self._sidecar.client.report_load(users, requests, failures)
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

    def _watch_sidecar(self) -> None:
        """Pass on alerts; start the sidecar again when it ends before the run does."""
        for attempt in range(1, RESTARTS + 2):
            code = self._sidecar.listen(self._alert)
            if self._ending:
                return
            self.sidecar_lost, lost_at = True, time.monotonic()
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self.note("sidecar_gap", seconds=None, reason=f"the sidecar ended by {how}")
            if attempt > RESTARTS or not self._restart_sidecar(how):
                break
            blind = time.monotonic() - lost_at
            self.note("sidecar_restarted", seconds=blind, attempt=attempt)
        self._say("warning: from here on memory is not measured; the load goes on")

    def _restart_sidecar(self, how: str) -> bool:
        self._say(f"warning: the sidecar ended by {how}; it is started again")
        try:
            self._sidecar = SidecarProcess(self._settings)
        except UsageError as error:
            self._say(f"warning: {error}")
            return False
        self.sidecar_lost = False
        self._announcements.sidecar_restarted()
        self._announce()
        return True

    def freeze(self) -> None:
        """Write Locust's figures as they stand. It must not switch to another greenlet.

        In the web UI the next start may follow at once, and Locust clears the counts then.
        """
        if self._ending:
            return
        self._ending = True
        self._statistics.phase_ends()
        gevent.killall(self._greenlets, block=False)
        try:
            self._csv.close_files()
            self._statistics.write()
        except OSError as error:
            self._tell_disk(error)

    def end(self, reason: str) -> bool:
        """Close everything; True when all that was measured is on disk."""
        self.freeze()
        self._stop_sidecar(reason)
        sources = self.status.sources if self.status else None
        self._record |= {"ended": self._clock.now(), "end_reason": reason, "sources": sources}
        try:
            self.directory.write_run_json(self._record)
        except OSError as error:
            self._tell_disk(error)
        self.note("run_ended", reason=reason)
        self._events.close()
        return not self._disk_told

    def _stop_sidecar(self, reason: str) -> None:
        """Ask it to write everything; what it cannot write of the phases is written here."""
        answered = False
        if not self.sidecar_lost:
            self._announce()
            with contextlib.suppress(SidecarUnreachable):
                self._sidecar.client.stop(reason)
                answered = True
        inside = self.status is not None and bool(self.status.inside_sources)
        if inside and answered:
            self._say("asking the target what it still holds")
        code, words = self._sidecar.end(INSIDE_SECONDS if inside and answered else 5.0)
        if not answered:
            self._write_phase_events()
            if not self.sidecar_lost:
                self.note(
                    "sidecar_gap", seconds=None, reason="the sidecar did not answer at the end"
                )
        elif code:
            self._disk_told = True
            self._say(words or f"error: the sidecar ended with exit code {code}")
