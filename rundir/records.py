"""The rows of the sample tables as frozen records; None is 'unknown' and becomes an empty cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MemorySample:
    """One tick of the whole target. Field names and units are those of `MEMORY_COLUMNS`.

    `inside`: what the processes said of themselves at this tick, by `INSIDE_COLUMNS`' names.
    """

    time: float
    elapsed: float
    phase: str
    users: int | None = None
    processes: int = 0
    rss: int | None = None
    pss: int | None = None
    pss_age: float | None = None
    uss: int | None = None
    swap: int | None = None
    cgroup_usage: int | None = None
    working_set: int | None = None
    limit: int | None = None
    threads: int | None = None
    fds: int | None = None
    connections: int | None = None
    system_available: int | None = None
    system_swap_used: int | None = None
    late: float = 0.0
    peak: int | None = None
    cgroup_peak: int | None = None
    cgroup_anon: int | None = None
    cgroup_file: int | None = None
    cgroup_shmem: int | None = None
    cgroup_kernel: int | None = None
    cgroup_swap: int | None = None
    pressure_some: float | None = None
    pressure_full: float | None = None
    refaults: int | None = None
    major_faults: int | None = None
    pss_file: int | None = None
    inside: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProcessSample:
    """One process at one slow tick. Field names and units are those of `PROCESS_COLUMNS`."""

    time: float
    elapsed: float
    phase: str
    pid: int
    create_time: float
    role: str
    name: str
    rss: int | None = None
    pss: int | None = None
    uss: int | None = None
    peak: int | None = None
    threads: int | None = None
    fds: int | None = None
    rss_file: int | None = None
