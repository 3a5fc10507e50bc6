"""Whether memory drifts upwards, or merely wanders.

What a job adds to its process is a sum, and chance adds up to a walk: 40 runs that take or give
back 1 MiB at random end 6 MiB away from where they began, and look like growth to a fit of levels.
Of walks without a drift the fit alone calls one of seven a leak. Their steps have no mean, and that
is tested by batch means: runs are put into batches, whose means are all but independent both of
steps that chance adds up and of levels that come back.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from reports.verdicts.trace import Array

BATCHES = 8
"""Enough freedom for t (Schmeiser 1982 advises 10 to 30 of long records; these are short)."""


def mean_interval(changes: Array, confidence: float) -> tuple[float, float] | None:
    """The mean change's interval, in the unit of `changes`; None of fewer than BATCHES - 1.

    Eight runs have seven changes: then each is its own batch.
    """
    batches = min(BATCHES, len(changes))
    if batches < BATCHES - 1:
        return None
    means = np.array([part.mean() for part in np.array_split(changes, batches)])
    error = float(means.std(ddof=1)) / np.sqrt(batches)
    half = float(stats.t.ppf(0.5 + confidence / 2, batches - 1)) * error
    middle = float(changes.mean())
    return middle - half, middle + half
