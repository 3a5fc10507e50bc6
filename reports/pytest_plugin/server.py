"""The server's side of its connections: how many, and how many descriptors are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psutil

from reports.errors import UsageError


@dataclass(frozen=True, slots=True)
class Open:
    """Connections that the server holds on its port, and open descriptors of its processes."""

    connections: int
    descriptors: int


class Server:
    """The process that listens on a port, with all its children.

    It may be this very process (a server in a thread): only sockets whose own port is the server's
    are counted, so that the client's ends are not.
    """

    def __init__(self, port: int, pid: int | None) -> None:
        """Raises UsageError where nobody, or nobody of ours, listens there."""
        self._port = port
        self._process = _process(_listening_pid(port) if pid is None else pid)

    def count(self) -> Open:
        """As it is now. Raises UsageError when the server has ended."""
        connections = descriptors = 0
        for process in self._family():
            try:
                connections += self._connections_of(process)
                descriptors += process.num_fds()
            except psutil.NoSuchProcess:
                continue
        return Open(connections, descriptors)

    def _family(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.NoSuchProcess as problem:
            raise UsageError(
                f"connections_come_back: the server (pid {self._process.pid}) has ended;"
                " see its own output"
            ) from problem

    def _connections_of(self, process: psutil.Process) -> int:
        # One that the client closed and the server did not is CLOSE_WAIT, and held all the same.
        return sum(
            _local_port(one) == self._port and one.status != psutil.CONN_LISTEN
            for one in process.net_connections("tcp")
        )


def _listening_pid(port: int) -> int:
    """The listener; with workers that share its socket, the parent of them all."""
    try:
        found = {
            one.pid
            for one in psutil.net_connections("tcp")
            if _listens_on(port, one) and one.pid is not None
        }
    except psutil.AccessDenied:
        found = set()
    if not found:
        raise UsageError(
            f"connections_come_back: no process that may be looked at listens on port {port};"
            " start the server first, or give its pid"
        )
    return _eldest(min(found), port)


def _eldest(pid: int, port: int) -> int:
    parent = psutil.Process(pid).parent()
    try:
        while parent is not None and _listens(parent, port):
            pid, parent = parent.pid, parent.parent()
    except psutil.AccessDenied:
        return pid
    return pid


def _listens(process: psutil.Process, port: int) -> bool:
    return any(_listens_on(port, one) for one in process.net_connections("tcp"))


def _listens_on(port: int, one: Any) -> bool:
    return bool(one.status == psutil.CONN_LISTEN and _local_port(one) == port)


def _local_port(one: Any) -> int | None:
    return getattr(one.laddr, "port", None)  # an unbound socket has an empty tuple


def _process(pid: int) -> psutil.Process:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess as problem:
        raise UsageError(
            f"connections_come_back: there is no process {pid}; give the server's pid"
        ) from problem
