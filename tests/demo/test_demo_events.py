"""The demo's event stream: what waits for a slow reader, and what an open stream holds."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from demo.events import Broker, event_text
from demo.switches import Switches
from tests.demo.service import Service, uvicorn

KIB, MIB = 1024, 2**20
SERVER_KIB = 40
"""What uvicorn and Starlette need for an open stream themselves: 38 KiB on Python 3.11."""


def publish(switches: Switches, events: int, readers: int = 1) -> dict[str, int]:
    """Counters after so many events of which nobody has read any."""

    async def published() -> dict[str, int]:
        broker = Broker(switches)
        joined = [broker.join() for _ in range(readers)]
        for _ in range(events):
            broker.publish()
        counters = broker.counters()
        for one in joined:
            broker.leave(one)
        assert broker.counters()["event_waiting_bytes"] == 0
        return counters

    return asyncio.run(published())


@pytest.mark.parametrize("size_bytes", [128, 1024, 65_536])
def test_an_event_has_exactly_its_size(size_bytes: int) -> None:
    text = event_text(123_456_789, size_bytes)
    assert len(text) == size_bytes
    assert text.startswith(b"data: {") and text.endswith(b"}\n\n")


def test_an_unbounded_queue_keeps_every_event_for_every_reader() -> None:
    counters = publish(Switches(event_bytes=500), events=30, readers=3)
    assert counters["event_waiting_bytes"] == 500 * 30 * 3
    assert counters["event_dropped_bytes"] == 0


def test_a_bounded_queue_drops_its_oldest() -> None:
    counters = publish(Switches(event_bytes=500, event_queue=20), events=30)
    assert counters["event_waiting_bytes"] == 500 * 20
    assert counters["event_dropped_bytes"] == 500 * 10
    assert counters["event_published_bytes"] == 500 * 30


@contextlib.contextmanager
def streams(service: Service, count: int) -> Iterator[list[socket.socket]]:
    """So many open streams, of which the first bytes have come."""
    address = (service.client.base_url.host, service.client.base_url.port or 80)
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(count):
            one = stack.enter_context(socket.create_connection(address, timeout=20))
            one.sendall(b"GET /api/events HTTP/1.1\r\nHost: demo\r\n\r\n")
            assert one.recv(100).startswith(b"HTTP/1.1 200")
            opened.append(one)
        yield opened


def wait_for(service: Service, name: str, value: int) -> None:
    deadline = time.monotonic() + 20
    while service.counters()[name] != value:
        assert time.monotonic() < deadline, service.counters()
        time.sleep(0.05)


@pytest.mark.live
def test_an_open_stream_holds_its_memory_and_gives_it_back_when_its_client_leaves() -> None:
    with uvicorn(DEMO_CONNECTION_KIB="256") as service, streams(service, 5):
        before = service.rss_bytes()
        with streams(service, 40):
            grown = service.rss_bytes() - before
            assert service.counters()["connection_bytes"] == 45 * 256 * KIB
        wait_for(service, "event_streams", 5)
        kept = service.rss_bytes() - before
    assert grown == pytest.approx(40 * (256 + SERVER_KIB) * KIB, rel=0.15)
    assert kept < 4 * MIB


@pytest.mark.live
def test_what_a_client_does_not_read_waits_in_the_service_once_the_kernels_buffers_are_full() -> (
    None
):
    switches = {"DEMO_EVENT_BYTES": "65536", "DEMO_EVENTS_PER_SECOND": "200"}
    with uvicorn(**switches) as service, streams(service, 2):
        before = service.rss_bytes()
        while service.counters()["event_waiting_bytes"] < 60 * MIB:
            time.sleep(0.05)
        counters, grown = service.counters(), service.rss_bytes() - before
    waiting = counters["event_published_bytes"] - counters["event_taken_bytes"]
    assert counters["event_waiting_bytes"] == waiting
    assert grown == pytest.approx(waiting, rel=0.15)


@pytest.mark.live
def test_nothing_is_published_while_nobody_listens() -> None:
    with uvicorn() as service:
        with streams(service, 1):
            pass
        wait_for(service, "event_streams", 0)
        before = service.counters()["event_published_bytes"]
        time.sleep(1.0)
        assert service.counters()["event_published_bytes"] == before
