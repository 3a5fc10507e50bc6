"""Where a leak may sit: in this process, in one worker, in a child, in /dev/shm, in the heap."""

import ctypes
import fcntl
import os
import subprocess
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from demo.ballast import Ballast

_SHM = Path("/dev/shm")  # noqa: S108  (a leak in shared memory is what is asked for)


class LeakPlace(StrEnum):
    """`DEMO_LEAK_IN`."""

    PROCESS = "process"
    ONE_WORKER = "one-worker"
    CHILD = "child"
    SHM = "shm"
    NATIVE = "native"


class Leak(Protocol):
    """Keeps what it is given; `size_bytes` is how much that is."""

    size_bytes: int

    def add(self, size_bytes: int) -> None:
        """Keep so many more bytes."""

    def close(self) -> None:
        """Give back what outlives the process."""


def open_leak(place: LeakPlace) -> Leak:
    """Return the leak of that place."""
    kinds: dict[LeakPlace, type[Leak]] = {
        LeakPlace.PROCESS: InProcess,
        LeakPlace.ONE_WORKER: InOneWorker,
        LeakPlace.CHILD: InChild,
        LeakPlace.SHM: InSharedMemory,
        LeakPlace.NATIVE: InHeap,
    }
    return kinds[place]()


class InProcess(Ballast):
    """In the worker that served the request."""

    def close(self) -> None:
        """Nothing outlives the process."""


class InOneWorker(InProcess):
    """In the first worker of its server to be asked, and in no other while that one lives."""

    def __init__(self) -> None:
        super().__init__()
        name = f"plimsoll-demo-leak-{os.getppid()}"
        self._lock = os.open(Path(tempfile.gettempdir()) / name, os.O_CREAT | os.O_RDWR, 0o600)

    def add(self, size_bytes: int) -> None:
        """Keep them, if it is us."""
        try:
            # Held until the process ends; asking for it again is free.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        super().add(size_bytes)


class InChild:
    """In a process that is started with the first request and told to keep more by a pipe."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._child: subprocess.Popen[bytes] | None = None

    def add(self, size_bytes: int) -> None:
        """Have the child keep them."""
        if self._child is None:
            command = [sys.executable, "-m", "demo.hoarder"]
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE)
        if size_bytes and self._child.stdin is not None:
            self._child.stdin.write(b"%d\n" % size_bytes)
            self._child.stdin.flush()
            self.size_bytes += size_bytes

    def close(self) -> None:
        """End the child."""
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()
            self._child.wait(timeout=10)


class InSharedMemory:
    """In a file in /dev/shm: charged to the cgroup, in no process's resident set."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115  (it lives as long as we do)
            prefix="plimsoll-demo-", dir=_SHM if _SHM.is_dir() else None
        )

    def add(self, size_bytes: int) -> None:
        """Write them."""
        self._file.write(b"\xa5" * size_bytes)
        self._file.flush()
        self.size_bytes += size_bytes

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


class InHeap:
    """In the C heap, by malloc, as an extension module loses it; the heap's own words included."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._libc = ctypes.CDLL(None)
        self._libc.malloc.restype = ctypes.c_void_p
        self._libc.malloc_usable_size.argtypes = [ctypes.c_void_p]
        self._libc.malloc_usable_size.restype = ctypes.c_size_t

    def add(self, size_bytes: int) -> None:
        """Allocate and touch them."""
        if not size_bytes:
            return
        address = self._libc.malloc(ctypes.c_size_t(size_bytes))
        if not address:
            raise MemoryError
        ctypes.memset(address, 0xA5, size_bytes)
        self.size_bytes += self._libc.malloc_usable_size(address) + ctypes.sizeof(ctypes.c_size_t)

    def close(self) -> None:
        """Nothing outlives the process."""
