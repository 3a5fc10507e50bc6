"""How processes that are not our children ended: asked of the kernel through pidfds.

PIDFD_GET_INFO with PIDFD_INFO_EXIT answers after the process was reaped, too (include/uapi/linux/
pidfd.h, Linux 6.15 and later). Older kernels tell that a process is gone, but not how.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import sys

from memory_sidecar.reading import Exit, Identity

_INFO = struct.Struct("=QQ11Ii")
_INFO_EXIT = 1 << 3
# _IOWR(0xFF, 11, struct pidfd_info), whose first version has 64 bytes.
_GET_INFO = (3 << 30) | (_INFO.size << 16) | (0xFF << 8) | 11


def parse_info(answer: bytes) -> Exit | None:
    """The exit from a pidfd_info; None where the kernel did not fill it in."""
    mask, _, *rest = _INFO.unpack(answer)
    return exit_of_wait_status(rest[-1]) if mask & _INFO_EXIT else None


def exit_of_wait_status(status: int) -> Exit:
    """Exit code or signal from a wait status (wait(2))."""
    code = os.waitstatus_to_exitcode(status)
    return Exit(code=None, signal=-code) if code < 0 else Exit(code=code, signal=None)


class ExitWatch:
    """Holds a pidfd for each process that is watched."""

    def __init__(self) -> None:
        self._pidfds: dict[Identity, int] = {}
        self._poll = select.poll() if sys.platform == "linux" else None

    def keep(self, wanted: set[Identity]) -> None:
        """Watch these processes and no others."""
        for process in [known for known in self._pidfds if known not in wanted]:
            self._forget(process)
        for process in wanted:
            if process not in self._pidfds:
                self._watch(process)

    def _watch(self, process: Identity) -> None:
        if self._poll is None or not hasattr(os, "pidfd_open"):
            return
        try:
            descriptor = os.pidfd_open(process.pid)
        except OSError:
            return
        self._pidfds[process] = descriptor
        self._poll.register(descriptor, select.POLLIN)

    def _forget(self, process: Identity) -> None:
        descriptor = self._pidfds.pop(process)
        if self._poll is not None:
            self._poll.unregister(descriptor)
        os.close(descriptor)

    def somebody_left(self) -> bool:
        """Whether a watched process has ended since the last `keep`."""
        return bool(self._poll and self._pidfds and self._poll.poll(0))

    def exit_of(self, process: Identity) -> Exit | None:
        """How it ended; None while it lives, before Linux 6.15, or without the right to ask."""
        descriptor = self._pidfds.get(process)
        if descriptor is None:
            return None
        question = bytearray(_INFO.size)
        struct.pack_into("=Q", question, 0, _INFO_EXIT)
        try:
            fcntl.ioctl(descriptor, _GET_INFO, question)
            return parse_info(bytes(question))
        except (OSError, ValueError):
            return None
