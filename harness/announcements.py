"""Phases on their way to the sidecar: none is lost while it is paused, dead or being restarted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from memory_sidecar.client import SidecarClient
from memory_sidecar.errors import SidecarUnreachable
from rundir import RunClock
from scenarios.phases import Phase


@dataclass(frozen=True, slots=True)
class Announcement:
    """A phase that began: its number in the plan, and when (UTC epoch s and monotonic s)."""

    phase: Phase
    index: int
    seconds: float | None
    time: float
    monotonic: float
    resumed: bool = False

    def note_start(self, note: Callable[..., None]) -> None:
        """Write the event that a sidecar would write."""
        note(
            "phase_started",
            phase=self.phase.name,
            index=self.index,
            seconds=self.seconds,
            users=self.phase.users,
            time=self.time,
            monotonic=self.monotonic,
        )

    def note_end(self, note: Callable[..., None], clock: RunClock, monotonic: float) -> None:
        """The same for its end, whose peaks are not known here."""
        note(
            "phase_ended",
            phase=self.phase.name,
            index=self.index,
            peaks={},
            time=clock.at(monotonic),
            monotonic=monotonic,
        )


class Announcements:
    """Keeps what the sidecar has not confirmed, and repeats it; the sidecar knows repetitions."""

    def __init__(self) -> None:
        self._waiting: deque[Announcement] = deque()
        self._confirmed: Announcement | None = None

    def add(self, announcement: Announcement) -> None:
        """One more phase has begun."""
        self._waiting.append(announcement)

    def sidecar_restarted(self) -> None:
        """The new sidecar knows of no phase: tell it again which one goes on."""
        if self._confirmed is not None:
            self._waiting.appendleft(replace(self._confirmed, resumed=True))

    def send(self, client: SidecarClient) -> None:
        """Send what waits, in order, as far as the sidecar answers."""
        while self._waiting:
            first = self._waiting[0]
            try:
                client.announce_phase(
                    first.phase.name,
                    index=first.index,
                    seconds=first.seconds,
                    users=first.phase.users,
                    time=first.time,
                    monotonic=first.monotonic,
                    resumed=first.resumed,
                )
            except SidecarUnreachable:
                return
            if self._waiting and self._waiting[0] is first:
                self._confirmed = self._waiting.popleft()

    def unconfirmed(self) -> tuple[Announcement | None, tuple[Announcement, ...]]:
        """The last phase that the sidecar knows, and those that it never heard of."""
        waiting = tuple(one for one in self._waiting if not one.resumed)
        return self._confirmed, waiting
