"""What the memory is, by type of object: counts and bytes.

The collector knows containers only. What it does not track (strings, bytes, arrays, and dicts and
tuples of such) is found through whatever refers to it. What only native code refers to stays
unseen, so every breakdown says how much it explains.
"""

from __future__ import annotations

import gc
import mmap
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TOP = 20
LARGE_BYTES = 1024 * 1024
CHUNK = 2_000
"""Objects between two moments in which other threads may run."""

MOST_SECONDS = 10.0
BITS_EACH = 64
GC_HEAD_BYTES = 16
"""The collector's own words before each object that it tracks (CPython, 64 bit)."""


@dataclass(frozen=True, slots=True)
class TypeSize:
    """All objects of one type; bytes of their own, without what they refer to."""

    type: str
    count: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Large:
    """One object of over LARGE_BYTES."""

    type: str
    size_bytes: int
    repr: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """`types`: largest first; `explained_bytes`: of all types. `complete`: of all objects."""

    types: tuple[TypeSize, ...]
    large: tuple[Large, ...]
    objects: int
    explained_bytes: int
    complete: bool


def breakdown(types: int = TOP, most_seconds: float = MOST_SECONDS) -> Breakdown:
    """Walk all objects; other threads go on meanwhile, so these are figures of no one moment."""
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    large: list[Any] = []
    deadline, complete = time.monotonic() + most_seconds, True
    for found in _chunks():
        for one in found:
            size = own_size(one)
            name = type_name(type(one))
            counts[name] += 1
            sizes[name] += size
            if size >= LARGE_BYTES:
                large.append((size, one))
        if time.monotonic() > deadline:
            complete = False
            break
        # Lets the threads that serve requests have the interpreter.
        time.sleep(0)
    frames = _frames_of_columns(counts)
    _take_over(frames, sizes)
    return Breakdown(
        tuple(TypeSize(name, counts[name], size) for name, size in sizes.most_common(types)),
        _described([*large, *((size, one) for one, size in frames if size >= LARGE_BYTES)]),
        sum(counts.values()),
        sum(sizes.values()),
        complete,
    )


def _chunks() -> Iterator[list[Any]]:
    """What the collector tracks, then, through it, what it does not; each object once."""
    tracked = gc.get_objects()
    own = id(tracked)
    with _Seen(sys.getallocatedblocks()) as seen:
        for start in range(0, len(tracked), CHUNK):
            part = [one for one in tracked[start : start + CHUNK] if id(one) != own]
            yield part
            yield from _untracked(part, seen)


def _untracked(holders: list[Any], seen: _Seen) -> Iterator[list[Any]]:
    while holders:
        referents = gc.get_referents(*holders)
        found = [one for one in referents if not gc.is_tracked(one) and seen.is_new(id(one))]
        del referents
        if found:
            yield found
        # Only containers lead further; of atoms there are many.
        holders = [one for one in found if isinstance(one, dict | tuple)]


class _Seen:
    """Which addresses came by before: one bit each, in pages that go back to the system at once.

    A set of them would leave the process megabytes larger than it was found. Two addresses may
    share a bit: of `count` objects about 1 % are left out.
    """

    def __init__(self, count: int) -> None:
        size = max(mmap.PAGESIZE, count * BITS_EACH // 8)
        self._bits = mmap.mmap(-1, size)
        self._count = size * 8

    def __enter__(self) -> _Seen:
        return self

    def __exit__(self, *_: object) -> None:
        self._bits.close()

    def is_new(self, address: int) -> bool:
        """Whether it was not here before; now it was."""
        # Objects begin at multiples of 16; the factor spreads neighbours (Knuth, TAOCP 3, 6.4).
        place = (address >> 4) * 2_654_435_761 % self._count
        byte, bit = place >> 3, 1 << (place & 7)
        if self._bits[byte] & bit:
            return False
        self._bits[byte] |= bit
        return True


def own_size(one: Any) -> int:
    """Bytes of the object itself; no Python code of the service is run to learn them."""
    kind = type(one)
    try:
        size = _native_size(kind, one)
    except Exception:
        return 0
    return size + (GC_HEAD_BYTES if gc.is_tracked(one) else 0)


def _native_size(kind: type[Any], one: Any) -> int:
    method = kind.__sizeof__
    if isinstance(method, type(object.__sizeof__) | type(list.__sizeof__)):
        return int(method(one))
    # Written in Python: it might do anything.
    return int(object.__sizeof__(one))


def type_name(kind: type[Any]) -> str:
    """Module and name; the name alone for what is built in."""
    module = getattr(kind, "__module__", "") or ""
    name = str(getattr(kind, "__qualname__", "?"))
    return name if module in ("builtins", "") else f"{module}.{name}"


def _frames_of_columns(counts: Counter[str]) -> list[tuple[Any, int]]:
    """pandas frames with the bytes of their columns, without a look into columns of objects."""
    pandas = sys.modules.get("pandas")
    kind = getattr(pandas, "DataFrame", None)
    if kind is None or not counts.get(type_name(kind)):
        return []
    frames = [one for one in gc.get_objects() if type(one) is kind]
    return [(one, int(one.memory_usage(index=False, deep=False).sum())) for one in frames]


def _take_over(frames: list[tuple[Any, int]], sizes: Counter[str]) -> None:
    """Give arrays to the frames that hold them: those are what a developer looks for."""
    array = "numpy.ndarray"
    for one, size in frames:
        moved = min(size, sizes[array])
        sizes[array] -= moved
        sizes[type_name(type(one))] += moved


def _described(large: list[Any]) -> tuple[Large, ...]:
    from memory_sidecar.probe.redaction import short_repr

    largest = sorted(large, key=lambda pair: -pair[0])[:TOP]
    return tuple(Large(type_name(type(one)), size, short_repr(one)) for size, one in largest)
