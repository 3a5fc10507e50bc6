"""Sidecars on other hosts: one link to each, and what they say together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from harness.announcements import Announcement
from harness.pulling.hosts import different_hosts, hosts_bytes
from harness.sidecars.addresses import Access, SidecarAddress
from harness.sidecars.at_once import at_once
from harness.sidecars.link import Link
from harness.sidecars.summed_status import summed
from harness.sidecars.watching import Surroundings
from memory_sidecar.client import SidecarStatus
from memory_sidecar.remote_client import RemoteClient
from rundir import RunClock

ROOT = Path(__file__).resolve().parents[2]
LEAVE_SECONDS = 12.0
"""For the last words to all sidecars; who does not answer by then is asked while pulling."""

INCOMPLETE = 3
"""What pulling ends with where a sidecar did not answer."""


class RemoteSidecars:
    """The phases are noted here: no sidecar needs to be heard for them to be known."""

    def __init__(
        self,
        addresses: Sequence[SidecarAddress],
        access: Access,
        clock: RunClock,
        interval_seconds: float,
        around: Surroundings,
    ) -> None:
        """Begin the run on each. Raises UsageError that names the one that refuses."""
        self._around = around
        self._access = access
        self._clock = clock
        self._phase: Announcement | None = None
        client = partial(RemoteClient, token=access.token, tls=access.tls())
        self._links = [
            Link(address, client, clock, interval_seconds, around) for address in addresses
        ]
        refusals = list(filter(None, at_once(Link.begin, self._links)))
        if refusals:
            # Those that have begun would wait for a generator that never comes.
            at_once(partial(Link.leave, reason="failed"), self._links)
            raise refusals[0]
        self._hosts_bytes = hosts_bytes([link.facts for link in self._links])
        for link in self._links:
            link.companions = len(self._links)
            link.start()

    @property
    def status(self) -> SidecarStatus | None:
        """The sums of those that answer now; None where nobody does."""
        told = [(link.name, link.status) for link in self._links if not link.cut_off]
        found = summed(told, several=len(self._links) > 1)
        if found is not None and self._hosts_bytes is not None:
            # Without limits of their own, targets on one host share its memory.
            found = replace(found, limit=min(found.limit, self._hosts_bytes))
        return found

    @property
    def lost(self) -> bool:
        """Whether none of them answers now; they go on measuring."""
        return all(link.cut_off for link in self._links)

    @property
    def facts(self) -> dict[str, Any]:
        """The targets; for the report, their machine stands where ours would."""
        told = [link.facts for link in self._links]
        hosts = different_hosts(told)
        names = ", ".join(str(host.get("hostname")) for host in hosts)
        kernels = ", ".join(sorted({str(host.get("kernel")) for host in hosts}))
        machine = {"hostname": names, "kernel": kernels, "mem_total_bytes": self._hosts_bytes}
        return {"targets": told, "host": hosts[0] | machine}

    def announce(self, announcement: Announcement) -> None:
        """Note it, and have each link tell it until it is heard."""
        if self._phase is not None:
            self._phase.note_end(self._around.note, self._clock, announcement.monotonic)
        announcement.note_start(self._around.note)
        self._phase = announcement
        for link in self._links:
            link.announce(announcement)

    def report_load(self, users: int, requests: int, failures: int) -> None:
        """The links tell it, each at its own pace."""
        for link in self._links:
            link.load = (users, requests, failures)
            link.wake()

    def look(self, moment: str) -> None:
        """Between two phases."""
        at_once(partial(Link.look, moment=moment), self._links)

    @property
    def looking(self) -> bool:
        """Whether some of them still do."""
        at_once(Link.ask, self._links)
        return any(link.status and link.status.looking and not link.cut_off for link in self._links)

    def freeze(self) -> None:
        """The phase ends now, for the files; nothing more is told but the end."""
        if self._phase is not None:
            end = time.monotonic()
            self._phase.note_end(self._around.note, self._clock, end)
            self._phase = None

    def end(self, reason: str) -> bool:
        """Tell each that the run is over; what they still have is collected afterwards."""
        at_once(partial(Link.leave, reason=reason), self._links, LEAVE_SECONDS)
        return True

    def collect(self) -> bool:
        """A process of its own: summing the samples of a long run takes seconds of computing."""
        command = [sys.executable, "-m", "harness.pulling", "--no-report"]
        done = subprocess.run(
            [*command, str(self._around.directory.path.resolve())],
            cwd=ROOT,
            env=os.environ | self._access.environ,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        # What is missing is a caveat of the report; only a full disk spoils the run.
        return done.returncode in (0, INCOMPLETE)
