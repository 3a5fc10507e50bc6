"""Open descriptors of a process, and the established TCP connections among them."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from memory_sidecar.sources.sockets import established_inodes

SAME_ROUND_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """Numbers of descriptors and of connections; None is unreadable."""

    descriptors: int | None
    connections: int | None


class OpenFiles:
    """Counts them below `proc`; the kernel's list of connections serves a whole round."""

    def __init__(self, proc: Path) -> None:
        self._proc = proc
        self._asked_at = float("-inf")
        self._established: frozenset[int] | None = None

    def count(self, pid: int) -> OpenCounts:
        """Of one process."""
        folder = f"{self._proc}/{pid}/fd"
        sockets = set()
        try:
            # Plain strings: a server has hundreds of descriptors, and paths cost more to make.
            names = os.listdir(folder)  # noqa: PTH208
        except OSError:
            return OpenCounts(None, None)
        for name in names:
            # Closed since it was listed.
            with contextlib.suppress(OSError):
                kind = os.readlink(f"{folder}/{name}")  # noqa: PTH115
                if kind.startswith("socket:["):
                    sockets.add(int(kind[8:-1]))
        return OpenCounts(len(names), self._connections(pid, sockets) if sockets else 0)

    def _connections(self, pid: int, sockets: set[int]) -> int | None:
        if not self._same_network(pid):
            return _connections_elsewhere(pid)
        now = time.monotonic()
        if now - self._asked_at > SAME_ROUND_SECONDS:
            self._asked_at, self._established = now, established_inodes()
        return None if self._established is None else len(sockets & self._established)

    def _same_network(self, pid: int) -> bool:
        try:
            return (self._proc / "self/ns/net").samefile(self._proc / str(pid) / "ns/net")
        except OSError:
            return False


def _connections_elsewhere(pid: int) -> int | None:
    """Of a process in another network namespace, from its own list."""
    try:
        found = psutil.Process(pid).net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return None
    return sum(connection.status == psutil.CONN_ESTABLISHED for connection in found)
