"""Readings -> leak, stable or cannot tell: the reports' judgement, on exact figures.

A fixed threshold cannot do it: below what comes once, a warm-up or a cache that fills it cries
wolf, and above it a slow leak passes. The verdict's models tell those apart (verdicts/growth.py).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np

from reports.pytest_plugin.bound import Bound
from reports.pytest_plugin.in_use import NATIVE_UNSEEN
from reports.pytest_plugin.measuring import Readings
from reports.units import count_text, percent, small_size_text
from reports.verdicts.growth import LEAST_POINTS, Array, Growth, Points, growth
from reports.verdicts.leak import CLEAR_PROBABILITY, goes_on

BLOCK_BYTES = 16.0
"""The smallest block of Python's allocator, and of malloc."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`verdict` is leak, stable or cannot_tell, as in report.json; `reason` is one line."""

    verdict: str
    reason: str


def judge(readings: Readings, bound: Bound) -> Judged:
    """The worst of the two kinds of memory; they overlap, so each is judged for itself."""
    python, native = _growths(readings)
    kinds = 1 if readings.native_bytes is None else 2
    guilty_native = native is not None and leaks(native, bound.limit_bytes_per_call, kinds)
    if python is not None and leaks(python, bound.limit_bytes_per_call, kinds):
        if not guilty_native and _replaces_older(readings):
            return Judged("cannot_tell", _replaced_text(python))
        return Judged("leak", _leak_text(python, bound) + _line_text(readings))
    if native is not None and guilty_native:
        told = "; native memory, such as a C extension's, of which no line is known"
        return Judged("leak", _leak_text(native, bound) + told)
    for found in (python, native)[:kinds]:
        if found is None or not stays_below(found, bound.limit_bytes_per_call):
            return Judged("cannot_tell", undecided_text(found, bound.calls, bound))
    unseen = "" if readings.native_bytes is not None else f"; {NATIVE_UNSEEN}"
    highest = max(found.upper_bytes_per_request for found in (python, native) if found is not None)
    reason = f"grows by at most {small_size_text(highest)} per call (97.5 % sure)"
    return Judged("stable", reason + unseen)


def growth_of(calls: array[float], held_bytes: array[float]) -> Growth | None:
    """Growth with the calls; None with too few readings.

    The reports' other views (low ends, levels between jumps) are for resident memory; in exact
    figures a jump that stays is growth.
    """
    return growth(Points.of(_numbers(calls), grained(_numbers(held_bytes))))


def grained(held_bytes: Array) -> Array:
    """With noise of half a block to either side, the same each time.

    An exact series may fit a model without remainder. Its weight then makes all others underflow,
    and the sign of a slope is that of a rounding error.
    """
    half = BLOCK_BYTES / 2
    return held_bytes + np.random.default_rng(0).uniform(-half, half, len(held_bytes))


def leaks(found: Growth, limit_bytes_per_call: float, looked_at: int = 1) -> bool:
    """Growth above the limit is shown. `looked_at`: how many series were, each a chance to err."""
    least = limit_bytes_per_call * found.requests
    return goes_on(found, least, looked_at) and found.interval[0] > limit_bytes_per_call


def stays_below(found: Growth, limit_bytes_per_call: float) -> bool:
    """97.5 % of the belief is. A block or two in all are none, so that a limit of 0 can be kept."""
    return found.upper_bytes_per_request <= limit_bytes_per_call + 2 * BLOCK_BYTES / found.requests


def undecided_text(found: Growth | None, calls: int, bound: Bound) -> str:
    """Why it cannot be told, and what would decide it."""
    if found is None:
        return (
            f"cannot tell from {count_text(calls)} calls whether memory grows:"
            f" at least {LEAST_POINTS} are needed, 100 or more are good; raise calls"
        )
    text = (
        f"cannot tell: growth of up to {small_size_text(found.upper_bytes_per_request)} per call"
        f" is neither shown nor excluded over {count_text(found.requests)} calls (probability"
        f" {percent(found.probability)}), allowed {_limit_text(bound)};"
        f" about {count_text(_needed_calls(found, bound))} calls would decide"
    )
    if found.saturating_probability > CLEAR_PROBABILITY:
        text += ", or a warm_up in which its caches fill"
    return text


def _growths(readings: Readings) -> tuple[Growth | None, Growth | None]:
    native = readings.native_bytes
    python = growth_of(readings.calls, readings.python_bytes)
    return python, None if native is None else growth_of(readings.calls, native)


def _replaces_older(readings: Readings) -> bool:
    """Traced bytes grow while the number of blocks does not: each new block took the place of one
    from before the tracing, which was not counted and is not missed.
    """
    found = growth_of(readings.calls, readings.blocks)
    return not readings.whole and (found is None or not goes_on(found, least_bytes=1.0))


def _replaced_text(found: Growth) -> str:
    return (
        f"cannot tell: {small_size_text(found.bytes_per_request)} per call are new, but as many"
        " blocks from before the test seem to be freed; PYTHONTRACEMALLOC=4 in the environment,"
        " or a warm_up in which all of them are replaced, decides"
    )


def _leak_text(found: Growth, bound: Bound) -> str:
    low, high = (small_size_text(end) for end in found.interval)
    return (
        f"leaks {small_size_text(found.bytes_per_request)} per call (95 %: {low} to {high})"
        f" over {count_text(bound.calls)} calls, allowed {_limit_text(bound)}"
    )


def _line_text(readings: Readings) -> str:
    if readings.line is None:
        return ""
    rate = readings.line.gained_bytes / readings.calls[-1]
    return f"; most of it from {readings.line.where} ({small_size_text(rate)} per call)"


def _limit_text(bound: Bound) -> str:
    return f"{bound.growth_kib_per_call:g} KiB"


def _needed_calls(found: Growth, bound: Bound) -> float:
    """At which the interval would be as wide as what it has to tell apart (memory.py, too)."""
    low, high = found.interval
    apart = max(abs(found.bytes_per_request - bound.limit_bytes_per_call), 1e-9)
    factor = min(20.0, max(1.5, float(((high - low) / apart) ** (2 / 3))))
    return float(np.ceil(factor * found.requests / 100) * 100)


def _numbers(values: array[float]) -> Array:
    return np.asarray(values, dtype=float)
