"""Bytes in use: what was allocated and not given back, whatever the process keeps for later.

Two jobs that take turns hide each other's leak: what one gives back stays in the heap, the other
one keeps it without the process growing, and the first grows it anew and looks guilty. Resident
memory cannot tell them apart, the allocators can.
"""

from __future__ import annotations

import ctypes
import re
from functools import lru_cache
from typing import Any

ALLOCATED = re.compile(rb"(?m)^# bytes in allocated blocks\s*=\s*([\d,]+)$")


class _Mallinfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd",
            "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    ]  # fmt: skip


def used_bytes() -> int | None:
    """In the C library's arenas and mappings and in Python's own, without files that are mapped.

    None without glibc 2.33 or newer, or where Python's allocator cannot be asked.
    """
    try:
        return malloc_sizes()[0] + _python_bytes()
    except (AttributeError, OSError, TypeError, ValueError):
        return None


def malloc_sizes() -> tuple[int, int]:
    """What malloc has handed out, and what it holds free, bytes (mallinfo2(3), glibc 2.33).

    Raises AttributeError or OSError where there is no such call.
    """
    found = _library().mallinfo2
    found.restype = _Mallinfo2
    info = found()
    return int(info.uordblks + info.hblkhd), int(info.fordblks)


def _python_bytes() -> int:
    """As sys._debugmallocstats says it, which knows no other place to say it than stderr."""
    library, text, size = _library(), ctypes.c_char_p(), ctypes.c_size_t()
    library.open_memstream.restype = ctypes.c_void_p
    stream = ctypes.c_void_p(library.open_memstream(ctypes.byref(text), ctypes.byref(size)))
    if not stream:
        raise OSError("no memory for a stream")
    try:
        # Of pythonapi: the interpreter's lock is held, so that nothing moves meanwhile.
        ctypes.pythonapi._PyObject_DebugMallocStats(stream)
    finally:
        library.fclose(stream)
        told = text.value or b""
        library.free(text)
    return allocated_in(told)


def allocated_in(told: bytes) -> int:
    """Bytes by the text of sys._debugmallocstats. Raises ValueError of another allocator's."""
    found = ALLOCATED.search(told)
    if found is None:
        raise ValueError("no figures of Python's allocator")
    return int(found[1].replace(b",", b""))


@lru_cache(maxsize=1)
def _library() -> Any:
    return ctypes.CDLL(None)
