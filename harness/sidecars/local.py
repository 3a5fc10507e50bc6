"""The sidecar beside us: a process of our own, started again when it ends before the run does."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import gevent

from harness.announcements import Announcement, Announcements
from harness.sidecar_process import SidecarProcess, SidecarSettings
from harness.sidecars.watching import Surroundings
from memory_sidecar.client import SidecarStatus
from memory_sidecar.errors import SidecarUnreachable
from scenarios.errors import UsageError

RESTARTS = 3
INSIDE_SECONDS = 300.0
"""At the end, for the processes to say what they hold: a large heap takes its time."""


class LocalSidecar:
    """Writes into the run directory itself, so that nothing has to be collected."""

    def __init__(self, settings: SidecarSettings, around: Surroundings) -> None:
        """Start it. Raises UsageError."""
        self._settings = settings
        self._around = around
        self._clock = settings.clock
        self._announcements = Announcements()
        self._ending = False
        self.lost = False
        self.status: SidecarStatus | None = None
        self._sidecar = SidecarProcess(settings)
        self._watching = gevent.spawn(self._watch)

    @property
    def facts(self) -> dict[str, Any]:
        """Nothing that the harness does not know."""
        return {}

    def announce(self, announcement: Announcement) -> None:
        """A sidecar that is slow to answer must not hold up the load."""
        self._announcements.add(announcement)
        gevent.spawn(self._announce)

    def _announce(self) -> None:
        if not self.lost:
            self._announcements.send(self._sidecar.client)

    def report_load(self, users: int, requests: int, failures: int) -> None:
        """Tell it, and repeat what it has not confirmed."""
        with contextlib.suppress(SidecarUnreachable):
            if not self.lost:
                self._announce()
                self.status = self._sidecar.client.report_load(users, requests, failures)

    def look(self, moment: str) -> None:
        """Between two phases; see `looking`."""
        with contextlib.suppress(SidecarUnreachable):
            if not self.lost:
                self.status = self._sidecar.client.look(moment)

    @property
    def looking(self) -> bool:
        """Whether that still goes on."""
        with contextlib.suppress(SidecarUnreachable):
            if not self.lost:
                self.status = self._sidecar.client.status()
                return self.status.looking
        return False

    def _watch(self) -> None:
        """Pass on alerts; start the sidecar again when it ends before the run does."""
        for attempt in range(1, RESTARTS + 2):
            code = self._sidecar.listen(self._around.alert)
            if self._ending:
                return
            self.lost, lost_at = True, time.monotonic()
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self._around.note("sidecar_gap", seconds=None, reason=f"the sidecar ended by {how}")
            if attempt > RESTARTS or not self._restart(how):
                break
            blind = time.monotonic() - lost_at
            self._around.note("sidecar_restarted", seconds=blind, attempt=attempt)
        self._around.say("warning: from here on memory is not measured; the load goes on")

    def _restart(self, how: str) -> bool:
        self._around.say(f"warning: the sidecar ended by {how}; it is started again")
        try:
            self._sidecar = SidecarProcess(self._settings)
        except UsageError as error:
            self._around.say(f"warning: {error}")
            return False
        self.lost = False
        self._announcements.sidecar_restarted()
        self._announce()
        return True

    def freeze(self) -> None:
        """It is not started again from here on."""
        self._ending = True
        self._watching.kill(block=False)

    def end(self, reason: str) -> bool:
        """Ask it to write everything; what it cannot write of the phases is written here."""
        answered = False
        if not self.lost:
            self._announce()
            with contextlib.suppress(SidecarUnreachable):
                self._sidecar.client.stop(reason)
                answered = True
        inside = self.status is not None and bool(self.status.inside_sources)
        if inside and answered:
            self._around.say("asking the target what it still holds")
        code, words = self._sidecar.end(INSIDE_SECONDS if inside and answered else 5.0)
        if answered and code:
            self._around.say(words or f"error: the sidecar ended with exit code {code}")
        if not answered:
            self._write_phase_events()
            if not self.lost:
                why = "the sidecar did not answer at the end"
                self._around.note("sidecar_gap", seconds=None, reason=why)
        return not (answered and code)

    def collect(self) -> bool:
        """All is there."""
        return True

    def _write_phase_events(self) -> None:
        """What the sidecar would have written: the phases stay known without it."""
        before, unknown = self._announcements.unconfirmed()
        for announced in unknown:
            if before is not None:
                before.note_end(self._around.note, self._clock, announced.monotonic)
            announced.note_start(self._around.note)
            before = announced
        if before is not None:
            before.note_end(self._around.note, self._clock, time.monotonic())
