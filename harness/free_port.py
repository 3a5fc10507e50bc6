"""A port for a service that is about to start."""

from __future__ import annotations

import errno
import random
import socket

LOWEST, BEHIND_HIGHEST = 10_000, 32_768
"""Below the ports that systems give to outgoing connections: from 32768 on Linux (ip(7),
ip_local_port_range), from 49152 elsewhere (RFC 6335).
"""

TRIES = 100


def free_port() -> int:
    """A loopback TCP port that nobody listens on now, and that no client is given meanwhile.

    One that the system chooses (port 0) is among those of outgoing connections: until the service
    is up, a load generator may have been given it as its own end.
    """
    # SystemRandom: a run's seed must not give two runs that start together the same port.
    ports = range(LOWEST, BEHIND_HIGHEST)
    for port in random.SystemRandom().sample(ports, min(TRIES, len(ports))):
        if _is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            # All addresses: a service may listen on more than loopback.
            probe.bind(("", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True
