"""The limit that alerts refer to: a given one, the target's memory cgroup's, else the machine's."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from memory_sidecar.errors import SidecarError
from memory_sidecar.sources.cgroup import find_group
from rundir.sizes import parse_size


@dataclass(frozen=True, slots=True)
class Limit:
    """Bytes, and where they come from: given, cgroup or system."""

    size_bytes: int
    source: str


def find_limit(given: str | None, pid: int) -> Limit:
    """The limit for the process. Raises SidecarError where `given` is no size."""
    if given:
        try:
            return Limit(parse_size(given), "given")
        except ValueError as error:
            raise SidecarError(f"limit {error}") from None
    total = psutil.virtual_memory().total
    size = cgroup_limit(pid)
    if size is not None and size < total:
        return Limit(size, "cgroup")
    return Limit(total, "system")


def cgroup_limit(pid: int) -> int | None:
    """The smallest memory limit on the way up from the process's cgroup; None without one."""
    group = find_group(pid)
    if group is None:
        return None
    size = group.limit()
    group.close()
    return size
