"""The collector and the allocator: what they did, and asking them to give memory back."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass
from typing import Any

from memory_sidecar.probe.usage import Usage, current_usage


@dataclass(frozen=True, slots=True)
class GcFacts:
    """The collector's state. `collections`, `collected`: so far, by generation, youngest first.

    `seconds`, `longest_seconds`: of its pauses while somebody listens (see Pauses); None before.
    """

    enabled: bool
    threshold: tuple[int, ...]
    count: tuple[int, ...]
    collections: tuple[int, ...]
    collected: tuple[int, ...]
    uncollectable: int
    tracked_objects: int
    seconds: float | None
    longest_seconds: float | None


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection and then a trim gave back; `trimmed` None: no allocator to ask here."""

    unreachable_objects: int
    before: Usage
    after_gc: Usage
    after_trim: Usage
    trimmed: bool | None


class Pauses:
    """Times the collector while it is switched on; each collection then costs two calls."""

    def __init__(self) -> None:
        self.seconds = self.longest_seconds = 0.0
        self._started = 0.0

    @property
    def on(self) -> bool:
        """Whether collections are being timed."""
        return self._note in gc.callbacks

    def switch_on(self) -> None:
        """From now on; a second time changes nothing."""
        if not self.on:
            gc.callbacks.append(self._note)

    def switch_off(self) -> None:
        """No more."""
        if self.on:
            gc.callbacks.remove(self._note)

    def longest_since(self) -> float:
        """The longest pause since the last question, seconds."""
        longest, self.longest_seconds = self.longest_seconds, 0.0
        return longest

    def _note(self, moment: str, _facts: dict[str, int]) -> None:
        now = time.perf_counter()
        if moment == "start":
            self._started = now
        elif self._started:
            self.seconds += now - self._started
            self.longest_seconds = max(self.longest_seconds, now - self._started)
            self._started = 0.0


PAUSES = Pauses()


def gc_facts() -> GcFacts:
    """The collector's own counters; counting tracked objects lists them all for a moment."""
    stats = gc.get_stats()
    return GcFacts(
        gc.isenabled(),
        gc.get_threshold(),
        gc.get_count(),
        tuple(int(one["collections"]) for one in stats),
        tuple(int(one["collected"]) for one in stats),
        sum(int(one["uncollectable"]) for one in stats),
        len(gc.get_objects()),
        PAUSES.seconds if PAUSES.on else None,
        PAUSES.longest_seconds if PAUSES.on else None,
    )


def collect_and_trim() -> Collected:
    """gc.collect, then malloc_trim, with the usage before, between and after."""
    before = current_usage()
    unreachable = gc.collect()
    between = current_usage()
    trimmed = trim()
    return Collected(unreachable, before, between, current_usage(), trimmed)


def trim() -> bool | None:
    """Ask glibc to give free pages back (malloc_trim(3)); None where there is no glibc."""
    libc = _libc()
    if libc is None or not hasattr(libc, "malloc_trim"):
        return None
    return bool(libc.malloc_trim(0))


def heap_sizes() -> dict[str, int | None]:
    """What malloc has handed out and what it holds free, bytes; None where it does not tell."""
    from memory_sidecar.probe.heap import malloc_sizes

    try:
        used, free = malloc_sizes()
    except (AttributeError, OSError):
        return {"malloc_used": None, "malloc_free": None}
    return {"malloc_used": used, "malloc_free": free}


def _libc() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    return ctypes.CDLL(None)
