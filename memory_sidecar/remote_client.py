"""Speaks to a sidecar on another host: its runs, their files, and how its clock stands to ours."""

from __future__ import annotations

import hashlib
import json
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from memory_sidecar.client import SidecarClient
from memory_sidecar.connection import Answer, Connection
from memory_sidecar.errors import SidecarError, SidecarUnreachable
from rundir import RunClock

TIMEOUT_SECONDS = 5.0
ROUND_TRIPS = 12


class RunUnknown(SidecarUnreachable):
    """It answers, but does not know of this run (any more)."""


class ChunkDamaged(SidecarUnreachable):
    """What arrived is not what was sent."""


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """What is added to the sidecar's times (wall, monotonic) to have ours; seconds.

    `uncertainty`: the true difference lies at most so far from it.
    """

    wall: float
    monotonic: float
    uncertainty: float
    round_trips: int


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """Name, bytes, and the sha256 of the whole; None while the run goes on."""

    name: str
    size: int
    sha256: str | None


class RemoteClient(SidecarClient):
    """One sidecar and one run on it. Phases are announced in our clock and told in its own."""

    def __init__(
        self, url: str, token: str, tls: ssl.SSLContext, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        super().__init__(url, token, timeout_seconds)
        self._connection = Connection(url, tls, timeout_seconds)
        self._run: str | None = None
        self.offset = ClockOffset(0.0, 0.0, 0.0, 0)

    def begin_run(self, name: str, interval_seconds: float) -> dict[str, Any]:
        """Begin it, or go on with it: what the sidecar says. Raises SidecarError, -Unreachable."""
        self._run = name
        return self._ask("/v1/runs", {"run": name, "interval": interval_seconds})

    def work_on(self, name: str) -> None:
        """What follows is about the run of that name, which was begun before."""
        self._run = name

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
        """As for a sidecar beside us; the times are ours."""
        super().announce_phase(
            phase,
            index=index,
            users=users,
            seconds=seconds,
            time=None if time is None else time - self.offset.wall,
            monotonic=None if monotonic is None else monotonic - self.offset.monotonic,
            resumed=resumed,
        )

    def measure_offset(self, clock: RunClock, round_trips: int = ROUND_TRIPS) -> ClockOffset:
        """Ask for its clock several times; the quickest answer counts. Raises SidecarUnreachable.

        The clock was read somewhere between question and answer, so half of that time is how wrong
        the difference can be (Mills, RFC 5905).
        """
        best: ClockOffset | None = None
        # The first one may have to connect.
        for _ in range(round_trips + 1):
            asked = time.monotonic()
            told = self._ask("/v1/clock")
            answered = time.monotonic()
            half = (answered - asked) / 2
            if best is None or half < best.uncertainty:
                middle = asked + half
                wall, monotonic = self._clock_in(told)
                best = ClockOffset(clock.at(middle) - wall, middle - monotonic, half, round_trips)
        assert best is not None  # noqa: S101 - there is at least one round trip
        self.offset = best
        return best

    def _clock_in(self, told: dict[str, Any]) -> tuple[float, float]:
        try:
            return float(told["wall"]), float(told["monotonic"])
        except (KeyError, TypeError, ValueError):
            raise SidecarUnreachable(f"what answers at {self._url} is no sidecar") from None

    def goes_on(self) -> bool:
        """Whether the run has not ended there. Raises SidecarUnreachable."""
        return any(file.sha256 is None for file in self.files()[0])

    def files(self) -> tuple[list[RemoteFile], str | None]:
        """What there is of the run, and a complaint of the sidecar. Raises SidecarUnreachable."""
        answer = self._answer("GET", f"/v1/runs/{quote(self._run or '')}/files", None)
        try:
            content = json.loads(answer.body)
            found = [RemoteFile(str(f["name"]), int(f["size"]), f["sha256"]) for f in content]
        except (KeyError, TypeError, ValueError):
            raise SidecarUnreachable(f"what answers at {self._url} is no sidecar") from None
        return found, answer.headers.get("x-complaint")

    def chunk(self, file: str, offset: int) -> bytes:
        """The bytes from `offset` on, as many as are sent at once; empty at the end.

        Raises SidecarUnreachable, ChunkDamaged.
        """
        path = f"/v1/runs/{quote(self._run or '')}/files/{quote(file)}?offset={offset}"
        answer = self._answer("GET", path, None)
        if hashlib.sha256(answer.body).hexdigest() != answer.headers.get("x-chunk-sha256"):
            raise ChunkDamaged(f"{file} at {offset}: what arrived is not what was sent")
        return answer.body

    def _ask(self, path: str, words: dict[str, Any] | None = None) -> dict[str, Any]:
        body = None if words is None else json.dumps(words).encode()
        answer = self._answer("GET" if words is None else "POST", path, body)
        try:
            content = json.loads(answer.body)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise SidecarUnreachable(f"what answers at {self._url} is no sidecar")
        return content

    def _answer(self, method: str, path: str, body: bytes | None) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if self._run is not None:
            headers["X-Plimsoll-Run"] = self._run
        answer = self._connection.ask(method, path, headers, body)
        if answer.status < 300:
            return answer
        raise self._refusal(path, answer)

    def _refusal(self, path: str, answer: Answer) -> SidecarError:
        try:
            words = str(json.loads(answer.body)["error"])
        except (ValueError, KeyError, TypeError):
            words = answer.body[:200].decode(errors="replace")
        if answer.status == 401:
            return SidecarError(
                f"the sidecar at {self._url} refuses the token: set PLIMSOLL_SIDECAR_TOKEN to its"
            )
        if answer.status == 409 and path != "/v1/runs":
            return RunUnknown(f"the sidecar at {self._url}: {words}")
        if path == "/v1/runs":
            return SidecarError(f"the sidecar at {self._url}: {words}")
        return SidecarUnreachable(f"the sidecar at {self._url}: {answer.status} {words}")
