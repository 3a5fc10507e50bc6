"""What one request needs while it is served: the exact peaks over one user's requests.

With one user there is at most one request at a time. The phase is cut into stretches of several
requests; each has an exact peak, which lies above the level by what its largest request needed.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from reports.aligning import AlignedRun
from reports.attribution.findings import Estimate
from reports.attribution.levels import Level
from reports.attribution.parts import Part, requests_of
from reports.blindness import memory_series
from reports.verdicts.trace import Array

STRETCHES = 10
REQUESTS_IN_STRETCH = 2
LEAST_STRETCHES = 3

RESOLUTION_BYTES = 1024 * 1024
"""Any service moves by as much between two requests: its allocator takes and gives by the MiB."""


def transient_of(
    run: AlignedRun, part: Part, before: Level, kept: float, requests: int
) -> Estimate | None:
    """The mean over the stretches, with Student's interval; None with too few requests or marks.

    Of a stretch it is the largest request that counts: of requests that differ, the more were
    asked in a stretch, the nearer to the largest of all.

    `kept` bytes stay of all `requests`: the level rises in proportion, or not quite, so that what
    is kept within a stretch cannot be told from what is needed for a moment. Where a sample of a
    stretch lies below that, an allocator gave something back: the rise is counted from there.
    """
    single = part.single
    if single is None or not requests:
        return None
    asked = sum(requests_of((single,)).values())
    stretches = min(STRETCHES, asked // REQUESTS_IN_STRETCH)
    if stretches < LEAST_STRETCHES:
        return None
    if not single.memory["peak"].notna().any():
        return None
    # The first window began before the phase did.
    peaks = np.asarray(single.memory["peak"], dtype=np.float64)[1:]
    samples = np.asarray(memory_series(run, single.memory), dtype=np.float64)[1:]
    grown = max(0.0, kept) * asked / requests
    level = before.bytes + grown * (np.arange(len(peaks)) + 0.5) / max(1, len(peaks))
    above = zip(*(np.array_split(one - level, stretches) for one in (peaks, samples)), strict=True)
    rises = np.array(
        [
            np.nanmax(highest) - min(0.0, float(np.nanmin(seen)))
            for highest, seen in above
            if np.isfinite(highest).any() and np.isfinite(seen).any()
        ]
    )
    if len(rises) < LEAST_STRETCHES:
        return None
    least = max(RESOLUTION_BYTES, grown / stretches)
    return estimate(rises, least) if len(part.asked) == 1 else largest(rises, least)


def estimate(rises: Array, least: float = RESOLUTION_BYTES) -> Estimate:
    """From the rise (bytes) of each stretch; up to `least` it may be anything else."""
    middle = float(rises.mean())
    half = float(stats.t.ppf(0.975, len(rises) - 1) * stats.sem(rises))
    half = max(half, least / 2)
    if middle - half <= least:
        return Estimate(None, None, max(0.0, middle) + half, middle)
    return Estimate(middle, (middle - half, middle + half), None, middle)


def largest(rises: Array, least: float = RESOLUTION_BYTES) -> Estimate:
    """Of several endpoints: the one whose request needs most, which few stretches may have seen."""
    top, half = float(rises.max()), least / 2
    upper = max(0.0, top) + half
    return Estimate(top if top - half > least else None, None, upper, top)
