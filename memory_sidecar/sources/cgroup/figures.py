"""What a memory cgroup tells, the same for both versions; and how its files are parsed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Bytes (faults: counts since the group was made); None where this kernel does not tell."""

    usage: int
    inactive_file: int
    anon: int | None
    file: int | None
    shmem: int | None
    kernel: int | None
    swap: int | None
    refaults: int | None
    major_faults: int | None

    @property
    def working_set(self) -> int:
        """Usage less what the kernel drops first: inactive pages of files."""
        return max(0, self.usage - self.inactive_file)


@dataclass(frozen=True, slots=True)
class Pressure:
    """Seconds in which some or all tasks of the group waited for memory, since it was made."""

    some_seconds: float
    full_seconds: float


@dataclass(frozen=True, slots=True)
class GroupEvents:
    """Counts since the group was made: OOM kills, and (v2) how often usage met the limit."""

    oom_kills: int
    limit_hits: int | None


class MemoryGroup(Protocol):
    """One memory cgroup; every method answers None when it is gone or does not tell."""

    version: int
    path: Path
    name: str
    peak_since_start: bool

    def figures(self) -> GroupFigures | None:
        """What it holds now."""

    def take_peak(self) -> int | None:
        """The highest usage in bytes since the last take, then set back."""

    def limit(self) -> int | None:
        """The smallest limit on the way up, bytes."""

    def events(self) -> GroupEvents | None:
        """Kills and limit hits."""

    def pressure(self) -> Pressure | None:
        """Stall times."""

    def members(self) -> set[int] | None:
        """Pids in it and below it, as seen from our pid namespace."""

    def close(self) -> None:
        """Close its files."""


def parse_flat(text: bytes) -> dict[bytes, int]:
    """A flat keyed file such as memory.stat: one name and one number a line."""
    return {name: int(value) for name, value in (line.split() for line in text.splitlines())}


def parse_pressure(text: bytes) -> Pressure:
    """memory.pressure; its totals are microseconds (Documentation/accounting/psi.rst)."""
    totals = {}
    for line in text.splitlines():
        kind, *_, total = line.split()
        totals[kind] = int(total.partition(b"=")[2]) / 1e6
    return Pressure(totals[b"some"], totals[b"full"])
