"""Files of a group's folder, through descriptors that stay open."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

UNLIMITED = 2**60
"""v1 writes 'no limit' as the largest whole page number of bytes."""


class GroupFiles:
    """Reads files of one folder; a folder that was removed answers None."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, int] = {}

    def read(self, name: str) -> bytes | None:
        """The whole file; None where it is missing, unreadable, or gone (ENODEV)."""
        try:
            descriptor = self._open.get(name)
            if descriptor is None:
                descriptor = os.open(self._folder / name, os.O_RDONLY)
                self._open[name] = descriptor
            return os.pread(descriptor, 65_536, 0)
        except OSError:
            return None

    def number(self, name: str) -> int | None:
        """The file's only number; None for `max`."""
        text = self.read(name)
        try:
            return int(text) if text is not None else None
        except ValueError:
            return None

    def close(self) -> None:
        """Close all."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()


def open_to_reset(path: Path, flags: int) -> int | None:
    """A descriptor through which a mark may be set back; None without the right to.

    A lock says whose resets count: those of one reader hide spikes from all others. That holds
    for v2, too, although its mark belongs to the descriptor: a reset raises the values of other
    descriptors to the present usage only (mm/memcontrol.c, peak_write, Linux 6.12).
    """
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def smallest_limit(folder: Path, file: str, mount: Path) -> int | None:
    """The smallest number in `file` from the folder up to the mount point, bytes."""
    sizes = []
    while True:
        # `max` (v2) and a missing file both say: no limit here.
        with contextlib.suppress(OSError, ValueError):
            sizes.append(int((folder / file).read_text()))
        if folder in (mount, folder.parent):
            break
        folder = folder.parent
    return min((size for size in sizes if size < UNLIMITED), default=None)
