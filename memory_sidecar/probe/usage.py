"""How much memory this process uses now."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes, and the share of the machine's memory in percent; None is unknown here."""

    rss_bytes: int
    vms_bytes: int
    percent: float | None
    available_bytes: int | None
    total_bytes: int | None


def current_usage() -> Usage:
    """By psutil where it is installed, else from /proc. Raises OSError where neither is there."""
    try:
        import psutil
    except ImportError:
        return _from_proc()
    own, machine = psutil.Process().memory_info(), psutil.virtual_memory()
    percent = 100 * own.rss / machine.total
    return Usage(own.rss, own.vms, percent, machine.available, machine.total)


def _from_proc() -> Usage:
    size, resident, *_ = Path("/proc/self/statm").read_text().split()
    page = os.sysconf("SC_PAGE_SIZE")
    rss, known = int(resident) * page, parse_meminfo(Path("/proc/meminfo").read_text())
    total = known.get("MemTotal")
    percent = 100 * rss / total if total else None
    return Usage(rss, int(size) * page, percent, known.get("MemAvailable"), total)


def parse_meminfo(text: str) -> dict[str, int]:
    """/proc/meminfo's fields in bytes; it says kB and means KiB (proc(5))."""
    pairs = (line.split(":", 1) for line in text.splitlines() if line.endswith(" kB"))
    return {name: int(value.split()[0]) * 1024 for name, value in pairs}
