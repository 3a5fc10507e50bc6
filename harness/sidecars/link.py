"""One sidecar elsewhere: what it is told, what it says, and its samples as they come."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import Event as Signal

from harness.announcements import Announcement, Announcements
from harness.pulling.puller import Puller
from harness.sidecars.addresses import SidecarAddress
from harness.sidecars.watching import Surroundings
from memory_sidecar.client import SidecarStatus
from memory_sidecar.errors import SidecarError
from memory_sidecar.remote_client import ClockOffset, RemoteClient, RunUnknown
from rundir import RunClock
from scenarios.errors import UsageError

PULL_SECONDS = 1.0
LINKS_A_SECOND = 20.0
"""Of many links, so many fetch in a second: each costs the load generator half a millisecond.

Samples come over in mid-run: a sidecar may die with the container of its target."""


class Link:
    """Talks to it in greenlets of its own, so that a slow one holds up nothing."""

    def __init__(
        self,
        address: SidecarAddress,
        client: Callable[[str], RemoteClient],
        clock: RunClock,
        interval_seconds: float,
        around: Surroundings,
    ) -> None:
        self.name = address.name
        self.status: SidecarStatus | None = None
        self.load: tuple[int, int, int] | None = None
        self.companions = 1
        self._address = address
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._around = around
        self._run = around.directory.path.name
        self._client = client(address.url)
        # A connection of its own: a large piece on its way must not hold up a phase.
        self._files = client(address.url)
        self._files.work_on(self._run)
        self._puller = Puller(self._files, around.directory.pulled(address.name))
        self._announcements = Announcements()
        self._lost_at: float | None = None
        self._wake = Signal()
        self._alerts = 0
        self._begun: dict[str, Any] = {}
        self._greenlets: list[Any] = []

    @property
    def cut_off(self) -> bool:
        """Whether it does not answer now."""
        return self._lost_at is not None

    @property
    def facts(self) -> dict[str, Any]:
        """For run.json."""
        known = {key: self._begun.get(key) for key in ("pid", "interval", "limit_source", "host")}
        return {"name": self.name, "url": self._address.url} | known

    def begin(self) -> UsageError | None:
        """Begin the run there and set its clock; why that cannot be."""
        try:
            self._begun = self._client.begin_run(self._run, self._interval_seconds)
            self._note_offset(self._client.measure_offset(self._clock))
        except SidecarError as error:
            return UsageError(str(error))
        return None

    def start(self) -> None:
        """Talk from here on."""
        self._greenlets = [gevent.spawn(self._talk), gevent.spawn(self._fetch)]

    def announce(self, announcement: Announcement) -> None:
        """It is repeated until it is heard."""
        self._announcements.add(announcement)
        self._wake.set()

    def wake(self) -> None:
        """There is something to tell."""
        self._wake.set()

    def look(self, moment: str) -> None:
        """End the phase there, and have the target say what its memory is."""
        with contextlib.suppress(SidecarError):
            self.status = self._client.look(moment)

    def ask(self) -> None:
        """The status now."""
        with contextlib.suppress(SidecarError):
            self.status = self._client.status()

    def leave(self, reason: str) -> None:
        """The last words: how its clock stands now, and that the run is over."""
        gevent.killall(self._greenlets)
        with contextlib.suppress(SidecarError):
            self._announcements.send(self._client)
            self._note_offset(self._client.measure_offset(self._clock))
            self._client.stop(reason)

    def _talk(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                self._announcements.send(self._client)
                if self.load is not None:
                    self._hear(self._client.report_load(*self.load))
            except RunUnknown:
                self._go_on()
            except SidecarError as error:
                self._lose(error)

    def _hear(self, status: SidecarStatus) -> None:
        self.status = status
        if status.alerts > self._alerts and status.last_alert:
            self._around.alert(f"{self.name}: {status.last_alert}")
        self._alerts = status.alerts
        if self._lost_at is not None:
            gone, self._lost_at = time.monotonic() - self._lost_at, None
            self._around.note("connection_back", sidecar=self.name, seconds=gone)
            self._around.say(f"the sidecar of {self.name} answers again, after {gone:.0f} s")

    def _lose(self, error: SidecarError) -> None:
        if self._lost_at is None:
            self._lost_at = time.monotonic()
            self._around.note("connection_lost", sidecar=self.name, reason=str(error))
            self._around.say(f"warning: {error}; it goes on measuring, and is read when it is back")

    def _go_on(self) -> None:
        """It was started again, and does not know of the run: tell it, and how far we are."""
        try:
            self._client.begin_run(self._run, self._interval_seconds)
            self._note_offset(self._client.measure_offset(self._clock))
        except SidecarError as error:
            self._lose(error)
            return
        self._announcements.sidecar_restarted()
        self._wake.set()

    def _fetch(self) -> None:
        while True:
            gevent.sleep(max(PULL_SECONDS, self.companions / LINKS_A_SECOND))
            with contextlib.suppress(SidecarError, OSError):
                self._puller.step()

    def _note_offset(self, found: ClockOffset) -> None:
        self._around.note(
            "clock_offset",
            sidecar=self.name,
            offset_seconds=found.wall,
            monotonic_offset=found.monotonic,
            uncertainty_seconds=found.uncertainty,
            round_trips=found.round_trips,
        )
