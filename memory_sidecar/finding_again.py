"""A target that was restarted under another pid is found again: by its name or its port."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from memory_sidecar.discovery import find_by_name, find_by_port
from memory_sidecar.errors import TargetError

RESTART_SECONDS = 15.0
"""A supervisor's pause and a start: systemd waits 0.1 s, Kubernetes 10 s the second time."""

NO_TRACE_SECONDS = 3.0
"""With nothing to find it by, nobody takes its place."""


@dataclass(frozen=True, slots=True)
class Following:
    """`find` answers the target's new pid, or None while there is none (or several).

    `patience_seconds`: away for so long, the target is lost.
    """

    find: Callable[[], int | None]
    patience_seconds: float


def following(name: str | None, ports: Iterable[int], restart_seconds: float) -> Following:
    """By the pattern, else by the ports; a target that has neither is not waited for."""
    wanted = sorted(ports)

    def find() -> int | None:
        try:
            if name is not None:
                return find_by_name(name)
        except TargetError:
            pass
        for port in wanted:
            try:
                return find_by_port(port)
            except TargetError:
                continue
        return None

    return Following(find, restart_seconds if name or wanted else NO_TRACE_SECONDS)
