"""What every source inside a process can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rundir import Column

LARGEST = ("loop_delay", "gc_longest")
"""Columns of which several processes have a longest one; all others are sums."""


class NotInside(Exception):
    """A process that cannot be asked, or does not answer; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What asking freed, bytes of the whole target.

    `garbage`: unreachable objects; `slack`: free memory that the allocator held.
    """

    before: int
    garbage: int
    slack: int


class InsideSource(Protocol):
    """Asks processes by their pid; each method raises NotInside for one that does not answer."""

    name: str

    columns: tuple[Column, ...]
    """Those that it adds to the memory samples."""

    def may_be_asked(self, pid: int) -> bool:
        """Whether it is that kind of process; nothing is done to it yet."""

    def attach(self, pid: int) -> str:
        """Begin; returns what to tell of it."""

    def read(self, pid: int) -> Mapping[str, float]:
        """The columns now."""

    def look(self, pid: int) -> dict[str, Any]:
        """What the memory is; may take seconds, so between phases only."""

    def snapshot(self, pid: int, path: Path) -> bool:
        """Write a heap snapshot; False where there is no such thing."""

    def give_back(self, pids: Sequence[int], measure: Callable[[], int]) -> GivenBack:
        """Collect and trim, with the target's memory measured between the steps."""

    def detach(self, pid: int) -> None:
        """Leave nothing behind."""


def total(readings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Of several processes: sums, and of LARGEST the highest; with how many answered."""
    found: dict[str, float] = {"inside_processes": len(readings)}
    for reading in readings:
        for name, value in reading.items():
            before = found.get(name, 0)
            found[name] = max(before, value) if name in LARGEST else before + value
    return found
