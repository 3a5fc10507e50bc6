"""Fewer points for the same picture: the extremes of each bucket stay."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
MAX_BUCKETS = 6_000


def decimate(times: Floats, values: Floats, buckets: int = MAX_BUCKETS) -> tuple[Floats, Floats]:
    """At most about two points a bucket, its lowest and its highest, in order of time.

    Buckets hold equally many points. NaN (a gap) stays a gap: each bucket keeps its first NaN.
    """
    if len(times) <= 2 * buckets:
        return times, values
    edges = np.linspace(0, len(times), buckets + 1).astype(int)
    kept: list[int] = [0, len(times) - 1]
    for start, end in pairwise(edges):
        part = values[start:end]
        unknown = np.isnan(part)
        if not unknown.all():
            kept += [start + int(np.nanargmin(part)), start + int(np.nanargmax(part))]
        if unknown.any():
            kept.append(start + int(unknown.argmax()))
    chosen = np.unique(kept)
    return times[chosen], values[chosen]


def with_gaps(times: Floats, values: Floats, patience: float) -> tuple[Floats, Floats]:
    """Put a NaN into each hole longer than `patience` seconds, so that no line crosses it."""
    holes = np.flatnonzero(np.diff(times) > patience)
    middle = (times[holes] + times[holes + 1]) / 2
    return np.insert(times, holes + 1, middle), np.insert(values, holes + 1, np.nan)
