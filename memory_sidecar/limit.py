"""The limit that alerts refer to: a given one, the target's memory cgroup's, else the machine's."""

from __future__ import annotations

import re
from dataclasses import dataclass

import psutil

from memory_sidecar.errors import SidecarError
from memory_sidecar.sources.cgroup import find_group

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


@dataclass(frozen=True, slots=True)
class Limit:
    """Bytes, and where they come from: given, cgroup or system."""

    size_bytes: int
    source: str


def parse_size(text: str) -> int:
    """Bytes of `512MiB`, `1GiB`, `400M` or a bare number. Raises SidecarError."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]i?)?b?\s*", text, re.IGNORECASE)
    size = float(found[1]) * UNITS[(found[2] or "").lower()] if found else 0
    if size < 1:
        raise SidecarError(f"limit '{text}': expected a size such as 512MiB, 1GiB or bytes")
    return int(size)


def find_limit(given: str | None, pid: int) -> Limit:
    """The limit for the process. Raises SidecarError where `given` is no size."""
    if given:
        return Limit(parse_size(given), "given")
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
