"""What a source says of one process, and of all of them at one tick."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A process for sure: pids are reused, a pid with its start time (UTC epoch s) is not."""

    pid: int
    create_time: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """Resident, proportional, unique and swapped sizes of one process at one moment, bytes.

    `pss_file`: of `pss`, pages of files; None: the system does not tell.
    """

    rss: int
    pss: int
    uss: int
    swap: int
    pss_file: int | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What is read of one process on the slow cadence; None is unreadable.

    `rss_file`: bytes of files' pages in its resident size.
    """

    name: str
    threads: int | None
    fds: int | None
    connections: int | None
    rss_file: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A high-water mark in bytes: since the last one taken, or (no right to reset) since start."""

    size: int
    since_start: bool


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: an exit code or a signal's number."""

    code: int | None
    signal: int | None


@dataclass(frozen=True, slots=True)
class HostMemory:
    """The machine's available memory and its swap in use, bytes."""

    available: int
    swap_used: int
