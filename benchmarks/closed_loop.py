"""A client that costs next to nothing, so that the server stays the bottleneck."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CONNECTIONS = 4


@dataclass(slots=True)
class Connection:
    """A kept-alive connection with one request on its way, sent at `sent` (perf_counter)."""

    stream: socket.socket
    sent: float = 0.0

    def send(self, request: bytes) -> None:
        """Send without waiting for the answer."""
        self.sent = time.perf_counter()
        self.stream.sendall(request)

    def receive(self) -> float:
        """Wait for the whole answer; seconds since it was asked for."""
        answer = self._more(b"")
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer = self._more(answer)
        assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
        head = answer[:end].lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(answer) < end + 4 + length:
            answer = self._more(answer)
        return time.perf_counter() - self.sent

    def _more(self, so_far: bytes) -> bytes:
        part = self.stream.recv(65536)
        assert part, "the server closed the connection"
        return so_far + part


def wait_for_answer(port: int, seconds: float = 20.0) -> None:
    """Wait until a server listens on loopback. Raises OSError when it never does."""
    ends = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)


@contextmanager
def connections(port: int) -> Iterator[list[Connection]]:
    """Open connections to a server on loopback."""
    streams = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(CONNECTIONS)]
    try:
        yield [Connection(stream) for stream in streams]
    finally:
        for stream in streams:
            stream.close()


def drive(opened: list[Connection], path: str, seconds: float) -> list[float]:
    """Ask for the path over all connections for so long; the duration of each request."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    durations = []
    ends = time.perf_counter() + seconds
    for connection in opened:
        connection.send(request)
    while time.perf_counter() < ends:
        for connection in opened:
            durations.append(connection.receive())
            connection.send(request)
    durations += [connection.receive() for connection in opened]
    return durations
