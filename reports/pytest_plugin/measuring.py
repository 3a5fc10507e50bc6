"""Calls in bins, and the bytes in use after each bin."""

from __future__ import annotations

import gc
import tracemalloc
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Self

from reports.pytest_plugin import in_use
from reports.pytest_plugin.lines import FRAMES, Line, most_gained
from reports.pytest_plugin.unkept import only_new_garbage, unkept

BINS = 72
"""As many as the reports have (reports/verdicts/points.py), whose import would cost a second."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Bytes in use after so many `calls`; the first reading is from before the first call.

    `native_bytes` is None where it cannot be read. `blocks`: Python's live blocks. `whole`: tracing
    was on before the test, so that no older memory was left out. `line`: where most was gained.
    """

    calls: array[float]
    python_bytes: array[float]
    native_bytes: array[float] | None
    blocks: array[float]
    whole: bool
    line: Line | None


class Measurement:
    """A context within which `numbered()` measures the calls that are made for each number."""

    def __init__(self, calls: int, warm_up: int = 0) -> None:
        bins = min(BINS, calls)
        self._warm_up = warm_up
        # All room is taken before the first call, so that the measuring does not grow itself.
        self._ends = array("d", (round(calls * number / bins) for number in range(bins + 1)))
        self._python, self._native, self._blocks = (array("d", self._ends) for _ in range(3))
        self._whole = tracemalloc.is_tracing()
        self._stack = ExitStack()
        self._before = self._after = tracemalloc.Snapshot((), 1)

    def __enter__(self) -> Self:
        self._stack.enter_context(_tracing())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def numbered(self) -> Iterator[int]:
        """A number for each call, those of the warm-up below 0; reads at the end of each bin."""
        yield from range(-self._warm_up, 0)
        self._stack.enter_context(unkept())
        self._stack.enter_context(only_new_garbage())
        in_use.untold_bytes_per_block()
        self._read(0)  # the first reading takes some memory of its own
        self._before = tracemalloc.take_snapshot()
        self._read(0)
        for index in range(1, len(self._ends)):
            yield from range(int(self._ends[index - 1]), int(self._ends[index]))
            self._read(index)
        self._after = tracemalloc.take_snapshot()

    def readings(self) -> Readings:
        """What was measured, once all calls were made."""
        return Readings(
            calls=self._ends,
            python_bytes=self._python,
            native_bytes=None if in_use.native_reader() is None else self._native_untraced(),
            blocks=self._blocks,
            whole=self._whole,
            line=most_gained(self._before, self._after),
        )

    def _read(self, index: int) -> None:
        gc.collect()
        self._python[index] = in_use.traced_bytes()
        self._blocks[index] = in_use.blocks_in_use()
        read = in_use.native_reader()
        if read is not None:
            self._native[index] = read() - tracemalloc.get_tracemalloc_memory()

    def _native_untraced(self) -> array[float]:
        """Native bytes without the rest of what tracing took of them.

        How many blocks are traced is known at both ends. In between it follows Python's blocks, and
        evenly the calls as far as old blocks, which were not traced, gave way to new ones.
        """
        traced = len(self._after.traces) - len(self._before.traces)
        replaced = (traced - (self._blocks[-1] - self._blocks[0])) / self._ends[-1]
        cost = in_use.untold_bytes_per_block()
        rows = zip(self._native, self._blocks, self._ends, strict=True)
        return array("d", (n - cost * (b - self._blocks[0] + replaced * e) for n, b, e in rows))


def measured(call: Callable[[], object], calls: int, warm_up: int) -> Readings:
    """Call it `warm_up` + `calls` times. What it raises is passed on."""
    with Measurement(calls, warm_up) as measurement:
        for _ in measurement.numbered():
            call()
    return measurement.readings()


@contextmanager
def _tracing() -> Iterator[None]:
    if tracemalloc.is_tracing():
        yield
        return
    tracemalloc.start(FRAMES)
    try:
        yield
    finally:
        tracemalloc.stop()
