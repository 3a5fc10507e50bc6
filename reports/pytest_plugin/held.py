"""Bytes that a cache holds: below its bound, and no longer growing once it is full."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reports.pytest_plugin.bound import CacheBound
from reports.pytest_plugin.judging import Judged, grained, leaks, stays_below
from reports.pytest_plugin.measuring import Readings
from reports.units import count_text, small_size_text
from reports.verdicts.growth import LEAST_POINTS, Array, Growth, Points, growth
from reports.verdicts.leak import CLEAR_PROBABILITY
from reports.verdicts.memory import TOLERANCE_FRACTION

OBJECT_BYTES = 32.0
"""The least that one call leaves in Python: a number, and a pointer to it (sys.getsizeof)."""

NOISE_SIGMAS = 2.0

CLEARED_FRACTION = 0.3
"""Of the items: so many leave at once where a cache is cleared."""

WORST_FIRST = ("leak", "cannot_tell", "stable")


@dataclass(frozen=True, slots=True)
class _Filling:
    """At each reading so many `calls` were made and so many `items` held; full since `full_at`."""

    calls: Array
    items: Array
    full_at: int


def judge_held(readings: Readings, sizes: array[float], full_at: int, bound: CacheBound) -> Judged:
    """Both kinds of memory, each for itself: they overlap."""
    calls = np.asarray(readings.calls, dtype=float)
    filling = _Filling(calls, _items(calls, sizes), full_at)
    kinds = (("Python", readings.python_bytes), ("native", readings.native_bytes))
    judged = [
        _judge(kind, np.asarray(in_use, dtype=float), filling, bound)
        for kind, in_use in kinds
        if in_use is not None
    ]
    return min(judged, key=lambda one: WORST_FIRST.index(one.verdict))


def _judge(kind: str, in_use: Array, filling: _Filling, bound: CacheBound) -> Judged:
    held = in_use - in_use[0]
    found = _growth_when_full(held, filling)
    if found is None:
        return Judged("cannot_tell", _too_few_text(filling.full_at, bound))
    if held.max() > bound.max_bytes + NOISE_SIGMAS * found.noise_bytes:
        return Judged("leak", _passed_text(held, filling, bound))
    if leaks(found, OBJECT_BYTES, looked_at=2):
        return Judged("leak", _growing_text(kind, found, filling.full_at))
    if not (stays_below(found, OBJECT_BYTES) or _does_not_matter(found, bound)):
        return Judged("cannot_tell", _open_text(kind, found, bound))
    return Judged("stable", f"holds at most {small_size_text(float(held.max()))}")


def _growth_when_full(held: Array, filling: _Filling) -> Growth | None:
    """Of the readings since; where the number of items still moves, it explains bytes, too."""
    full = filling.calls >= filling.full_at
    if full.sum() < LEAST_POINTS:
        return None
    items = filling.items[full]
    points = Points.of(filling.calls[full], grained(held[full]), regressors=items[:, None])
    return growth(replace(points, tooth=_teeth(items)))


def _teeth(items: Array) -> NDArray[np.int64] | None:
    """Which of the times between two clearings a reading lies in; None where it is never cleared.

    Where sizes differ, each time has an offset of its own.
    """
    cleared = np.diff(items, prepend=items[0]) < -CLEARED_FRACTION * items.max()
    return np.cumsum(cleared) if cleared.any() else None


def _does_not_matter(found: Growth, bound: CacheBound) -> bool:
    """Unlikely, and even its upper bound is small beside what may be held (as in memory.py)."""
    likely = found.probability > CLEAR_PROBABILITY and found.bytes_per_request > OBJECT_BYTES
    most = found.upper_bytes_per_request * found.requests
    return not likely and most <= TOLERANCE_FRACTION * bound.max_bytes


def _items(calls: Array, sizes: array[float]) -> Array:
    """The items held at each reading; none before the first call."""
    return np.asarray(np.concatenate([[0.0], sizes])[calls.astype(int)], dtype=float)


def _passed_text(held: Array, filling: _Filling, bound: CacheBound) -> str:
    passed = float(filling.calls[int(np.argmax(held > bound.max_bytes))])
    return (
        f"passes {small_size_text(bound.max_bytes)} by call {count_text(passed)}"
        f" and holds up to {small_size_text(float(held.max()))}"
    )


def _growing_text(kind: str, found: Growth, full_at: int) -> str:
    low, high = (small_size_text(end) for end in found.interval)
    return (
        f"full since call {count_text(full_at)}, and yet {kind} memory grows by"
        f" {small_size_text(found.bytes_per_request)} per call (95 %: {low} to {high})"
    )


def _open_text(kind: str, found: Growth, bound: CacheBound) -> str:
    return (
        f"cannot tell whether {kind} memory grows once the cache is full: up to"
        f" {small_size_text(found.upper_bytes_per_request)} per call is neither shown nor excluded;"
        f" about {count_text(3 * bound.calls)} calls would decide"
    )


def _too_few_text(full_at: int, bound: CacheBound) -> str:
    return (
        f"cannot tell whether bytes grow once the cache is full: it is since call"
        f" {count_text(full_at)} of {count_text(bound.calls)};"
        f" about {count_text(4 * full_at + 100)} calls would decide"
    )
