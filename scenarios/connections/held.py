"""One open connection, as one Locust user holds it: asked now and then, or a stream that is read.

A request is counted for each connection that is opened, with the time until the answer's head is
there. The events of a stream are not counted: they would drown what was opened, and the length of
a stream that never ends is no response time.
"""

from __future__ import annotations

import time
from typing import Any, Protocol

import gevent
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS, FastHttpUser
from locust.user.task import LOCUST_STATE_STOPPING, LOCUST_STATE_WAITING

from scenarios.connections.options import PLAN, connections_from
from scenarios.model import RECONNECT, Connections, Scenario

REOPEN_SECONDS = 1.0
CHUNK_BYTES = 65_536
SLOW_READS_PER_SECOND = 4.0


class HeldConnection(Protocol):
    """What a user does instead of sending a scenario's requests."""

    wait_seconds: float

    def go_on(self) -> None:
        """Open the connection if it is not, and use it once; returns when there is to be a wait."""

    def close(self) -> None:
        """Close it at once."""


def held_connection(user: FastHttpUser, scenario: Scenario) -> HeldConnection | None:
    """What the plan asks of this user; None where it sends requests as always.

    The options are read when the user is made: on a worker they come from the master.
    """
    options: Any = user.environment.parsed_options
    if getattr(options, "plan", None) != PLAN:
        return None
    settings = connections_from(options, scenario)
    return EventStream(user, settings) if settings.kind == "events" else KeptAlive(user, settings)


class _Sockets:
    """Counts the sockets that a user's client opens, and closes them."""

    def __init__(self, user: FastHttpUser) -> None:
        self._agent = user.client.client
        self.opened = 0
        self.newest: Any = None
        # geventhttpclient opens a closed connection again without a word; this is its own hook.
        pool: Any = self._agent.clientpool.get_client(str(user.host))._connection_pool
        pool.after_connect = self._connected

    def _connected(self, sock: Any) -> None:
        self.opened += 1
        self.newest = sock

    def close(self) -> None:
        self._agent.clientpool.close()
        if self.newest is not None:
            self.newest.close()


class KeptAlive:
    """A connection that is kept open between requests."""

    def __init__(self, user: FastHttpUser, settings: Connections) -> None:
        self._user, self._settings = user, settings
        self._sockets = _Sockets(user)
        self.wait_seconds = settings.touch_seconds

    def go_on(self) -> None:
        """One request; under the name `reconnect` where the connection had to be opened again."""
        before = self._sockets.opened
        settings = self._settings
        with self._user.client.request(
            "GET",
            settings.path,
            name=settings.shown_path,
            headers=settings.headers,
            catch_response=True,
        ) as response:
            if before and self._sockets.opened > before:
                response.request_meta["name"] = RECONNECT

    def close(self) -> None:
        """Close it at once."""
        self._sockets.close()


class EventStream:
    """An answer that goes on: server-sent events, read until the user leaves."""

    wait_seconds = REOPEN_SECONDS

    def __init__(self, user: FastHttpUser, settings: Connections) -> None:
        self._user, self._settings = user, settings
        self._sockets = _Sockets(user)
        self._was_open = False

    def go_on(self) -> None:
        """Open the stream and read it to its end, if it has one."""
        stream = self._open()
        if stream is None or self._user._state == LOCUST_STATE_STOPPING:
            return
        self._was_open = True
        # Else a silent stream would end as broken after the client's time-out.
        self._sockets.newest.settimeout(None)
        state = self._user._state
        # As in Locust's own wait(): a user that only reads can be taken away at once.
        self._user._state = LOCUST_STATE_WAITING
        try:
            self._read(stream)
        except FAILURE_EXCEPTIONS:
            # Opening it again is what is counted.
            pass
        finally:
            self._user._state = state

    def _open(self) -> Any:
        """The stream; None where it could not be opened, which is a failure in the statistics."""
        settings = self._settings
        asked = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        with self._user.client.request(
            "GET",
            settings.path,
            name=RECONNECT if self._was_open else settings.shown_path,
            headers=asked | settings.headers,
            catch_response=True,
            stream=True,
        ) as response:
            return response.stream if response.ok and response.status_code else None

    def _read(self, stream: Any) -> None:
        """As fast as it comes, or as slowly as the settings say."""
        rate = self._settings.read_bytes_per_second
        piece = CHUNK_BYTES if rate is None else max(1, round(rate / SLOW_READS_PER_SECOND))
        started, taken = time.monotonic(), 0
        while chunk := stream.read(piece):
            taken += len(chunk)
            if rate is not None:
                gevent.sleep(max(0.0, started + taken / rate - time.monotonic()))

    def close(self) -> None:
        """Close it at once."""
        self._sockets.close()
