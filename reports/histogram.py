"""Percentiles from histograms of response times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

Histogram = Mapping[float, int]


def percentile(histogram: Histogram, fraction: float) -> float | None:
    """The smallest response time (ms) that at least `fraction` of the requests did not exceed.

    Nearest rank (inverse of the empirical distribution function, Hyndman and Fan 1996, type 1).
    None for an empty histogram. Locust rounds response times above 100 ms to two significant
    digits, and so is the answer.
    """
    total = sum(histogram.values())
    if total <= 0:
        return None
    rank = max(1, math.ceil(round(fraction * total, 9)))
    seen = 0
    for response_ms in sorted(histogram):
        seen += histogram[response_ms]
        if seen >= rank:
            return response_ms
    return max(histogram)


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """One histogram with the counts of all."""
    total: Counter[float] = Counter()
    for histogram in histograms:
        total.update(histogram)
    return total
