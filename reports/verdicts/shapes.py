"""Growth that ends: what memory may do beside, or instead of, a leak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SCALES = np.geomspace(0.015, 0.9, 40)
"""Where a saturating shape bends, as a fraction of the requests seen."""

FINER = 9
"""A grid that is coarse against the noise leaves a remainder that a slope would take: around the
likeliest bend it is so many times as dense."""

SATURATING = ("exponential", "logarithm", "ramp")


@dataclass(frozen=True, slots=True)
class Shapes:
    """Columns (bins x shapes) of growth that ends; the first column is none at all."""

    kinds: NDArray[np.str_]
    scales: Array
    columns: Array
    log_prior: Array


def finer(around: float) -> Array:
    """The scales, with more of them one step of the grid to either side of the likeliest."""
    step = SCALES[1] / SCALES[0]
    near = around * step ** np.linspace(-1, 1, 2 * FINER + 1)
    apart = np.abs(np.log(SCALES / around)) > 1.01 * np.log(step)
    return np.sort(np.concatenate([SCALES[apart], near[near < 1]]))


def shapes_of(x: Array, scales_of: dict[str, Array]) -> Shapes:
    """Nothing, saturating shapes, one step: each kind has a third of the prior.

    The prior is even over the logarithm of the scale, and over the places of a step.
    """
    kinds, scales, columns, priors = ["none"], [0.0], [np.zeros_like(x)], [0.0]
    for kind, grid in scales_of.items():
        shares = np.gradient(np.log(grid))
        for scale, share in zip(grid, shares / shares.sum(), strict=True):
            kinds.append(kind)
            scales.append(float(scale))
            columns.append(saturating(kind, x, float(scale)))
            priors.append(float(np.log(share / len(scales_of))))
    places = np.unique(x)[2:-1]
    for place in places:
        kinds.append("step")
        scales.append(float(place))
        columns.append((x >= place).astype(float))
        priors.append(-float(np.log(len(places))))
    return Shapes(np.array(kinds), np.array(scales), np.column_stack(columns), np.array(priors))


def saturating(kind: str, x: Array, scale: float) -> Array:
    """One shape over `x`, from 0 on; `scale` is where it bends, in the unit of `x`."""
    if kind == "exponential":
        return np.asarray(1 - np.exp(-x / scale), dtype=float)
    if kind == "logarithm":
        return np.asarray(np.log1p(x / scale), dtype=float)
    return np.minimum(x / scale, 1.0)
