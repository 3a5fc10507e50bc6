"""A short, steep rise of the resident set."""

import mmap
import os
import threading
import time

_MIB = 1 << 20


class Spike:
    """Maps a memory file for a few milliseconds, so that the resident set jumps and falls back.

    Anonymous memory takes too long to touch (about 0.3 s per GiB) for a spike of milliseconds.
    The file is filled once, at the start; mapping it shared and populated then only sets page
    table entries. Mind that RSS, RssShmem and VmHWM show the spike, while a cgroup is charged
    for the file from the start.
    """

    def __init__(self, size_mib: int, lasts_ms: float) -> None:
        self.started = 0
        self._size_bytes = size_mib * _MIB
        self._seconds = lasts_ms / 1000
        self._running = threading.Lock()
        self._file = os.memfd_create("demo-spike", os.MFD_CLOEXEC)
        block = b"\x5a" * _MIB
        for _ in range(size_mib):
            _write_all(self._file, block)

    def start(self) -> None:
        """Start a spike in a thread of its own; do nothing while the last one still lasts."""
        if not self._running.acquire(blocking=False):
            return  # two at once would be twice as high as asked for
        self.started += 1
        threading.Thread(target=self._hold, name="demo-spike", daemon=True).start()

    def _hold(self) -> None:
        try:
            flags = mmap.MAP_SHARED | mmap.MAP_POPULATE
            with mmap.mmap(self._file, self._size_bytes, flags=flags):
                time.sleep(self._seconds)
        finally:
            self._running.release()

    def close(self) -> None:
        """Give the memory file back."""
        os.close(self._file)


def _write_all(file: int, block: bytes) -> None:
    left = memoryview(block)
    while left:
        left = left[os.write(file, left) :]
