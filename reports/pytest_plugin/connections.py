"""The check `connections_come_back`: clients that leave a stream leave nothing in the server."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise

import pytest

from reports.errors import UsageError
from reports.pytest_plugin.server import Open, Server
from reports.pytest_plugin.streams import Address, Stream, loopback_address

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Rounds:
    """How it is tried: so many streams at once, so many times, and how long may be waited."""

    connections: int = 20
    within_seconds: float = 5.0
    rounds: int = 3

    def __post_init__(self) -> None:
        for name in ("connections", "within_seconds", "rounds"):
            if not getattr(self, name) > 0:
                raise UsageError(
                    f"connections_come_back: {name} is {getattr(self, name)!r}; give more than 0"
                )


def check_connections_come_back(
    url: str,
    connections: int = 20,
    pid: int | None = None,
    within_seconds: float = 5.0,
    rounds: int = 3,
) -> None:
    """Open streams, read an event of each, drop them, and wait for the server to let go of them.

    Fails when connections stay in any round, or when descriptors grow with every round: what is
    opened once, such as a pool, may stay. Raises UsageError for another machine's address, for a
    server that is not there, and for one that sends no event.
    """
    __tracebackhide__ = True
    tried = Rounds(connections, within_seconds, rounds)
    address = loopback_address(url)
    server = Server(address.port, pid)
    at_first = server.count().connections
    _drop_after_first_event(address, 1, within_seconds)  # what the first request opens may stay
    levels = [_settled(server, at_first, None, within_seconds)]
    for number in range(1, rounds + 1):
        _drop_after_first_event(address, connections, within_seconds)
        levels.append(_settled(server, at_first, levels[-1].descriptors, within_seconds))
        stay = levels[-1].connections - at_first
        if stay > 0:
            pytest.fail(_connections_text(stay, number, tried, levels))
    if all(after.descriptors > before.descriptors for before, after in pairwise(levels)):
        pytest.fail(_descriptors_text(tried, levels))


def _drop_after_first_event(address: Address, count: int, timeout_seconds: float) -> None:
    streams = [Stream(address, timeout_seconds) for _ in range(count)]
    try:
        for stream in streams:
            stream.read_first_event()
    finally:
        for stream in streams:
            stream.drop()


def _settled(
    server: Server, connections: int, descriptors: int | None, within_seconds: float
) -> Open:
    """The counts as soon as they are down to these, or else when the time is over."""
    until = time.monotonic() + within_seconds
    found = server.count()
    while not _is_back(found, connections, descriptors) and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        found = server.count()
    return found


def _is_back(found: Open, connections: int, descriptors: int | None) -> bool:
    few_descriptors = descriptors is None or found.descriptors <= descriptors
    return found.connections <= connections and few_descriptors


def _connections_text(stay: int, number: int, tried: Rounds, levels: list[Open]) -> str:
    return (
        f"{stay} connections are still held by the server {tried.within_seconds:g} s after"
        f" {tried.connections} clients left (round {number} of {tried.rounds});"
        f" its open descriptors: {_row(levels)}"
    )


def _descriptors_text(tried: Rounds, levels: list[Open]) -> str:
    return (
        f"all connections come back, but open descriptors grow with every round of"
        f" {tried.connections} connections: {_row(levels)}"
    )


def _row(levels: list[Open]) -> str:
    return ", ".join(str(level.descriptors) for level in levels)
