"""Bytes in use, exactly: what Python traced, and what the C library's malloc handed out.

Resident memory moves in pages and whole arenas: 200 calls that leak 1 KiB each do not show in it.
The two figures overlap (large Python objects are malloc's, too) and neither holds the other (small
ones are not), so they are never added.
"""

from __future__ import annotations

import ctypes
import sys
import tracemalloc
from collections.abc import Callable
from functools import cache

CALIBRATED = 2000
"""Objects over which the tracing's own need for memory is averaged."""

NATIVE_UNSEEN = "native memory is not seen here (the C library has no mallinfo2)"


class _Mallinfo2(ctypes.Structure):
    """glibc's `struct mallinfo2`: ten sizes, of which two are read here (mallinfo(3))."""

    _fields_ = (
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks")),
        ("hblkhd", ctypes.c_size_t),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks")),
        ("uordblks", ctypes.c_size_t),
        *((name, ctypes.c_size_t) for name in ("fordblks", "keepcost")),
    )


def traced_bytes() -> int:
    """Bytes of all live blocks that Python allocated since tracing began."""
    return tracemalloc.get_traced_memory()[0]


def blocks_in_use() -> int:
    """Python's live blocks, those from before the tracing included."""
    return sys.getallocatedblocks()


@cache
def native_reader() -> Callable[[], int] | None:
    """Reads the bytes that malloc handed out in all arenas, its mapped chunks included.

    None without mallinfo2: macOS, musl, glibc before 2.33.
    """
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError, TypeError):
        return None
    mallinfo2.argtypes, mallinfo2.restype = (), _Mallinfo2

    def read() -> int:
        found = mallinfo2()
        return int(found.uordblks + found.hblkhd)

    return read


@cache
def untold_bytes_per_block() -> float:
    """What tracing one block costs beyond what tracemalloc tells of itself; 0 where none is seen.

    It is malloc's, and would pass for native memory. Must be asked first while tracing is on.
    """
    read = native_reader()
    if read is None:
        return 0.0
    kept: list[object] = [None] * CALIBRATED
    before = read() - tracemalloc.get_tracemalloc_memory()
    for index in range(CALIBRATED):
        kept[index] = object()
    return (read() - tracemalloc.get_tracemalloc_memory() - before) / CALIBRATED
