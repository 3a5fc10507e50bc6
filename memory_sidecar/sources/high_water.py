"""The kernel's high-water mark of resident memory, read and reset window by window.

The mark (VmHWM) is exact: a spike between two readings does not escape it. Writing 5 to clear_refs
sets it back to the present resident size (proc(5)); 1 would clear reference bits page by page.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from memory_sidecar.reading import Identity, Mark

KIB = 1024
RESET = b"5"


def parse_mark(status: bytes) -> int | None:
    """VmHWM in bytes from /proc/PID/status; None for a zombie, which has none."""
    start = status.find(b"VmHWM:")
    if start < 0:
        return None
    return int(status[start + 6 :].split(None, 1)[0]) * KIB


class HighWaterMarks:
    """Marks of many processes through descriptors that stay open.

    A lock on clear_refs says whose resets count: a second reader of the same process only reads,
    since its resets would hide spikes from the first.
    """

    def __init__(self, proc: Path, is_same: Callable[[Identity], bool]) -> None:
        """`is_same` tells whether a pid still is that process, asked once it is open."""
        self._proc = proc
        self._is_same = is_same
        self._open: dict[Identity, tuple[int, int | None]] = {}

    def take(self, process: Identity) -> Mark | None:
        """The highest resident size since the last take, then reset; None where unreadable."""
        try:
            status, reset = self._descriptors(process)
            size = parse_mark(os.pread(status, 4096, 0))
        except (OSError, ValueError, IndexError):
            return None
        if size is None:
            return None
        if reset is not None:
            try:
                os.write(reset, RESET)
            except OSError:
                os.close(reset)
                self._open[process] = (status, None)
                reset = None
        return Mark(size, since_start=reset is None)

    def _descriptors(self, process: Identity) -> tuple[int, int | None]:
        known = self._open.get(process)
        if known is None:
            folder = self._proc / str(process.pid)
            known = (os.open(folder / "status", os.O_RDONLY), _lock(folder / "clear_refs"))
            self._open[process] = known
            if not self._is_same(process):
                raise ProcessLookupError
        return known

    def keep(self, wanted: set[Identity]) -> None:
        """Close the descriptors of all others."""
        for process in [known for known in self._open if known not in wanted]:
            for descriptor in self._open.pop(process):
                if descriptor is not None:
                    os.close(descriptor)


def _lock(clear_refs: Path) -> int | None:
    try:
        descriptor = os.open(clear_refs, os.O_WRONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        with contextlib.suppress(OSError):
            os.close(descriptor)
        return None
    return descriptor
