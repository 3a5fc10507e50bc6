"""A target that was restarted under another pid is found again: by its name or its port."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from memory_sidecar.discovery import find_by_name, find_by_port
from memory_sidecar.errors import TargetError


def finder(name: str | None, ports: Iterable[int]) -> Callable[[], int | None]:
    """A function that answers the target's new pid, or None while there is none (or several)."""
    wanted = sorted(ports)

    def find_again() -> int | None:
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

    return find_again
