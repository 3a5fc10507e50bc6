"""Growth that ends, beside which a leak has to stand: with all requests, one's, or time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reports.verdicts.growth import Points
from reports.verdicts.shapes import SATURATING, SCALES, Shapes, saturating, shapes_of

Array = NDArray[np.float64]

THINNED = SCALES[::2]
OWN_SCALES = np.geomspace(0.05, 0.9, 8)
"""An endpoint's own cache, which fills with its own requests; what warms up whoever asks."""

OWN_KINDS = ("exponential", "ramp")


def ending_shapes(points: Points, columns: Array) -> Shapes:
    """Nothing, one step, growth that ends with all requests, or with one column or with time.

    `columns` (bins x n) rise from 0 to 1. Each of the four kinds has the same prior, as in
    `shapes_of`.
    """
    common = shapes_of(_risen(points.requests), dict.fromkeys(SATURATING, THINNED))
    own = [
        (kind, float(scale), saturating(kind, column, float(scale)))
        for column in (*columns.T, _risen(points.position))
        for kind in OWN_KINDS
        for scale in OWN_SCALES
    ]
    return Shapes(
        np.concatenate([common.kinds, [kind for kind, _, _ in own]]),
        np.concatenate([common.scales, [scale for _, scale, _ in own]]),
        np.column_stack([common.columns, *(shape for _, _, shape in own)]),
        np.concatenate([common.log_prior, np.full(len(own), -np.log(len(own)))]),
    )


def _risen(values: Array) -> Array:
    """From 0 to 1."""
    return np.asarray((values - values.min()) / float(np.ptp(values)))
