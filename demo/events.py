"""Server-sent events that go on until the client leaves."""

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from demo.ballast import Ballast
from demo.switches import Switches
from demo.tiers import MEDIUM


def event_text(number: int, size_bytes: int) -> bytes:
    """A made-up price as a server-sent event of exactly size_bytes (128 or more)."""
    price = 100 + 10 * math.sin(number / 20)
    head = f'data: {{"number": {number}, "symbol": "PLIM", "price": {price:.2f}, "more": "'
    tail = '"}\n\n'
    return (head + "x" * (size_bytes - len(head) - len(tail)) + tail).encode()


@dataclass(eq=False)
class Subscriber:
    """One open stream: what waits for its client, and what is held while it is open."""

    waiting: asyncio.Queue[bytes]
    waiting_bytes: int = 0
    held: Ballast = field(default_factory=Ballast)


class Broker:
    """Publishes to one queue per subscriber, and only while anybody listens.

    An unbounded queue keeps every event that its client has not read yet: that is the mistake.
    Each subscriber gets an object of its own, so that what waits is known to the byte.
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._subscribers: set[Subscriber] = set()
        self._publishing: asyncio.Task[None] | None = None
        self._number = 0
        self._opened = 0
        self._published_bytes = 0
        self._taken_bytes = 0
        self._dropped_bytes = 0

    def join(self) -> Subscriber:
        """Open a stream; the first one starts the publishing."""
        one = Subscriber(asyncio.Queue(self._switches.event_queue))
        one.held.add(self._switches.connection_kib * 1024)
        self._subscribers.add(one)
        self._opened += 1
        if self._publishing is None and self._switches.events_per_second > 0:
            self._publishing = asyncio.create_task(self._publish_on_time())
        return one

    def leave(self, one: Subscriber) -> None:
        """Close a stream: what waited for it and what it held is gone.

        Here and now: the stream and its iterator refer to each other, so that only the garbage
        collector would free them.
        """
        self._subscribers.discard(one)
        one.held, one.waiting, one.waiting_bytes = Ballast(), asyncio.Queue(), 0
        if not self._subscribers and self._publishing is not None:
            self._publishing.cancel()
            self._publishing = None

    async def take(self, one: Subscriber) -> bytes:
        """Wait for the next event of this subscriber."""
        event = await one.waiting.get()
        one.waiting_bytes -= len(event)
        self._taken_bytes += len(event)
        return event

    async def _publish_on_time(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.publish()
            due += 1 / float(self._switches.events_per_second)
            await asyncio.sleep(max(0.0, due - loop.time()))

    def publish(self) -> None:
        """Give one event to everybody; a full queue loses its oldest."""
        self._number += 1
        text = bytearray(event_text(self._number, self._switches.event_bytes))
        for one in self._subscribers:
            if one.waiting.full():
                oldest = len(one.waiting.get_nowait())
                one.waiting_bytes -= oldest
                self._dropped_bytes += oldest
            one.waiting.put_nowait(bytes(text))
            one.waiting_bytes += len(text)
            self._published_bytes += len(text)

    def counters(self) -> dict[str, int]:
        """Return what has been done so far; sizes are in bytes, over all subscribers."""
        return {
            "event_streams": len(self._subscribers),
            "event_streams_opened": self._opened,
            "event_published_bytes": self._published_bytes,
            "event_taken_bytes": self._taken_bytes,
            "event_dropped_bytes": self._dropped_bytes,
            "event_waiting_bytes": sum(one.waiting_bytes for one in self._subscribers),
            "connection_bytes": sum(one.held.size_bytes for one in self._subscribers),
        }


class EventStream(StreamingResponse):
    """All events from now on.

    It leaves the broker itself: an iterator that is not being waited for when the client goes
    would be closed some time later.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._subscriber = broker.join()
        headers = {"cache-control": "no-cache"}
        super().__init__(self._events(), media_type="text/event-stream", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream until its client leaves."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._broker.leave(self._subscriber)

    async def _events(self) -> AsyncIterator[bytes]:
        while True:
            yield await self._broker.take(self._subscriber)


def events_router(broker: Broker) -> APIRouter:
    """Return the route of the event stream."""
    router = APIRouter(prefix="/api")

    @router.get("/events", dependencies=[MEDIUM])
    async def events() -> EventStream:
        """Send server-sent events until the client leaves."""
        return EventStream(broker)

    return router
