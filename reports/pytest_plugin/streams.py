"""Streams of a server on this machine: opened, read up to the first event, dropped."""

from __future__ import annotations

import http.client
import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from reports.errors import UsageError

LONGEST_LINE_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stream is: only ever a port of this machine."""

    host: str
    port: int
    path: str


def loopback_address(url: str) -> Address:
    """Raises UsageError for what is not http on a loopback address: this opens many connections."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        raise UsageError(f"connections_come_back: {url} is no http:// address; give http://127...")
    if not _is_loopback(parts.hostname):
        raise UsageError(
            f"connections_come_back: {parts.hostname} is not this machine; only loopback"
            " addresses (127.0.0.1, ::1, localhost) are asked: start the server here"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.hostname, _port(parts), path)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # A name is asked of no resolver: what it answers may be anywhere.
        return host == "localhost"


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or 80
    except ValueError as problem:
        raise UsageError(f"connections_come_back: {parts.geturl()}: {problem}") from problem


class Stream:
    """One streaming GET."""

    def __init__(self, address: Address, timeout_seconds: float) -> None:
        self._connection = http.client.HTTPConnection(
            address.host, address.port, timeout=timeout_seconds
        )
        self._address = address
        self._response: http.client.HTTPResponse | None = None

    def read_first_event(self) -> None:
        """Returns after the first event's blank line. Raises UsageError where none comes."""
        path = self._address.path
        try:
            self._connection.request("GET", path, headers={"Accept": "text/event-stream"})
            self._response = self._connection.getresponse()
            if self._response.status >= 400:
                raise UsageError(
                    f"connections_come_back: {path} answers {self._response.status}"
                    f" {self._response.reason}; give the address of a stream"
                )
            self._skip_event(self._response)
        except (OSError, http.client.HTTPException) as problem:
            raise UsageError(
                f"connections_come_back: {path} sends no event"
                f" ({str(problem) or type(problem).__name__}); give the address of a stream"
            ) from problem

    def drop(self) -> None:
        """Close it in the middle, as a browser's tab does."""
        if self._response is not None:
            self._response.close()
        self._connection.close()

    def _skip_event(self, response: http.client.HTTPResponse) -> None:
        seen = False
        while line := response.readline(LONGEST_LINE_BYTES):
            if seen and not line.strip():
                return
            # Lines that begin with a colon are comments, such as heartbeats.
            seen = seen or (bool(line.strip()) and not line.startswith(b":"))
        raise UsageError(
            f"connections_come_back: {self._address.path} ends before its first event;"
            " give the address of a stream"
        )
