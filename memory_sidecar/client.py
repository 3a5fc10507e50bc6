"""Speaks to a sidecar's control server. Standard library alone: it is used inside Locust."""

from __future__ import annotations

import json
import time as clock
import urllib.error
import urllib.request
from dataclasses import dataclass, field, fields
from typing import Any

from memory_sidecar.errors import SidecarUnreachable


@dataclass(frozen=True, slots=True)
class Member:
    """One process of the target as it was read last; `rss` in bytes."""

    pid: int
    role: str
    name: str
    rss: int | None


@dataclass(frozen=True, slots=True)
class SidecarStatus:
    """What the sidecar says of itself and the target; sizes in bytes, None is unknown.

    `peak_since_load`: the highest, exact upper end, since the load was last reported; `members`:
    the processes, largest first. `inside`: what they said of themselves last, by the columns of
    `inside_sources`; `looking`: a look at them goes on.
    """

    state: str
    phase: str
    users: int | None
    ticks: int
    late_ticks: int
    missed_ticks: int
    rss: int | None
    pss: int | None
    used: int | None
    measure: str
    peak: int | None
    limit: int
    limit_source: str
    processes: int
    target_alive: bool
    disk_refused: str | None
    cpu_seconds: float
    pids: list[int]
    sources: list[str]
    peak_since_load: int | None = None
    members: tuple[Member, ...] = ()
    looking: bool = False
    inside_sources: tuple[str, ...] = ()
    inside: dict[str, float] = field(default_factory=dict)
    alerts: int = 0
    last_alert: str | None = None


class SidecarClient:
    """One sidecar, by its URL and token."""

    def __init__(self, url: str, token: str, timeout_seconds: float = 2.0) -> None:
        self._url = url
        self._token = token
        self._timeout_seconds = timeout_seconds
        # A proxy from the environment must not see the token of a loopback server.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def announce_phase(
        self,
        phase: str | None,
        *,
        index: int,
        users: int,
        seconds: float | None = None,
        time: float | None = None,
        monotonic: float | None = None,
        resumed: bool = False,
    ) -> None:
        """A phase begins (None: the last one ends). Raises SidecarUnreachable.

        `resumed`: it began before this sidecar did, and its beginning is already on record.
        """
        self._ask(
            "/v1/phase",
            {
                "phase": phase,
                "index": index,
                "users": users,
                "seconds": seconds,
                "resumed": resumed,
                "time": clock.time() if time is None else time,
                "monotonic": clock.monotonic() if monotonic is None else monotonic,
            },
        )

    def report_load(self, users: int, requests: int, failures: int) -> SidecarStatus:
        """Tell the load, learn the memory. Raises SidecarUnreachable."""
        words = {"users": users, "requests": requests, "failures": failures}
        return _status(self._ask("/v1/load", words))

    def status(self) -> SidecarStatus:
        """The status now. Raises SidecarUnreachable."""
        return _status(self._ask("/v1/status"))

    def samples(self, since: float = 0.0, limit: int = 1000) -> dict[str, Any]:
        """`columns` and `rows` after `since` (UTC epoch s). Raises SidecarUnreachable."""
        return self._ask(f"/v1/samples?since={since}&limit={limit}")

    def look(self, moment: str) -> SidecarStatus:
        """End the phase in force, then have the target say what its memory is.

        It goes on while the status says `looking`. Raises SidecarUnreachable.
        """
        return _status(self._ask("/v1/look", {"moment": moment}))

    def stop(self, reason: str) -> SidecarStatus:
        """Ask it to write everything and end. Raises SidecarUnreachable."""
        return _status(self._ask("/v1/stop", {"reason": reason}))

    def _ask(self, path: str, words: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the URL is the sidecar's own
            self._url + path,
            data=None if words is None else json.dumps(words).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with self._opener.open(request, timeout=self._timeout_seconds) as answer:
                content: dict[str, Any] = json.load(answer)
                return content
        except urllib.error.HTTPError as error:
            raise SidecarUnreachable(f"sidecar: {error.code} {error.read(200)!r}") from None
        except (OSError, ValueError) as error:
            raise SidecarUnreachable(
                f"the sidecar at {self._url} does not answer: {error}"
            ) from None


def _status(content: dict[str, Any]) -> SidecarStatus:
    known: dict[str, Any] = {one.name: content.get(one.name) for one in fields(SidecarStatus)}
    known["looking"] = bool(known["looking"])
    known["inside_sources"] = tuple(known["inside_sources"] or ())
    known["alerts"] = int(known["alerts"] or 0)
    known["inside"] = known["inside"] or {}
    known["members"] = tuple(Member(**member) for member in content.get("members") or [])
    return SidecarStatus(**known)
