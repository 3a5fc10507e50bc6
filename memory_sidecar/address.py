"""Where a control server listens: [HOST:]PORT."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Address:
    """A host name or address of this machine, and a TCP port (0: a free one)."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        return f"port {self.port}" if self.host == LOOPBACK else f"{self.host}:{self.port}"

    def url(self, scheme: str, port: int) -> str:
        """How it is spoken to, once the port is known."""
        return f"{scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{port}"


def parse_address(text: str) -> Address:
    """`8765`, `0.0.0.0:8765`, `[::]:8765`. Raises ValueError that says what is expected."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if colon else LOOPBACK
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{text}: expected a port of 0 to 65535, or HOST:PORT")
    return Address(host, int(port))
