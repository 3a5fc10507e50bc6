"""What a run needs of whoever measures it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from harness.announcements import Announcement
from memory_sidecar.client import SidecarStatus
from rundir import RunDirectory


class Sidecars(Protocol):
    """One or several; none of these waits for long, but `end` and `collect`."""

    @property
    def status(self) -> SidecarStatus | None:
        """As told last; of several the sums."""

    @property
    def lost(self) -> bool:
        """Whether nothing is measured any more, or nobody can tell."""

    @property
    def facts(self) -> dict[str, Any]:
        """What belongs into run.json."""

    def announce(self, announcement: Announcement) -> None:
        """A phase begins."""

    def report_load(self, users: int, requests: int, failures: int) -> None:
        """Once a second."""

    def look(self, moment: str) -> None:
        """Have the target say what its memory is, outside of any phase."""

    @property
    def looking(self) -> bool:
        """Whether that still goes on."""

    def freeze(self) -> None:
        """The run is about to end: start nothing again. It must not switch to another greenlet."""

    def end(self, reason: str) -> bool:
        """Have everything written; False where the disk did not take it all."""

    def collect(self) -> bool:
        """The run's files are closed: bring in what lies elsewhere; False where that cannot be."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sidecar's owner may do to the run: tell people, note events, pass on alerts."""

    directory: RunDirectory
    say: Callable[[str], None]
    note: Callable[..., None]
    alert: Callable[[str], None]


Begin = Callable[[Surroundings], Sidecars]
"""Starts the measuring of one run. Raises UsageError where it cannot be."""
