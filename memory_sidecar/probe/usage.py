"""The memory of this very process, and of the machine around it, at one moment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes; `percent`: resident of the machine's total. None: not known here."""

    rss_bytes: int
    vms_bytes: int
    percent: float | None
    available_bytes: int | None
    total_bytes: int | None


def current_usage() -> Usage:
    """This process now: by psutil where it can be imported, else by /proc. Raises OSError."""
    try:
        import psutil
    except ImportError:
        return proc_usage(PROC)
    try:
        of_process, of_machine = psutil.Process().memory_info(), psutil.virtual_memory()
    except psutil.Error as error:
        raise OSError(f"the memory of this process cannot be read: {error}") from None
    return _usage(of_process.rss, of_process.vms, of_machine.available, of_machine.total)


def proc_usage(proc: Path) -> Usage:
    """The same by the files of a /proc. Raises OSError where there is none."""
    vms, rss = parse_statm((proc / "self/statm").read_text(), os.sysconf("SC_PAGE_SIZE"))
    try:
        of_machine = parse_meminfo((proc / "meminfo").read_text())
    except OSError:
        of_machine = {}
    return _usage(rss, vms, of_machine.get("MemAvailable"), of_machine.get("MemTotal"))


def parse_statm(text: str, page_bytes: int) -> tuple[int, int]:
    """Virtual and resident bytes."""
    size, resident, *_ = text.split()
    return int(size) * page_bytes, int(resident) * page_bytes


def parse_meminfo(text: str) -> dict[str, int]:
    """Bytes by name, for the rows that are in kB; /proc/self/status has rows like these, too."""
    rows = re.findall(r"(?m)^(\w+):\s*(\d+) kB$", text)
    return {name: int(kibibytes) * 1024 for name, kibibytes in rows}


def _usage(rss: int, vms: int, available: int | None, total: int | None) -> Usage:
    return Usage(rss, vms, 100 * rss / total if total else None, available, total)
