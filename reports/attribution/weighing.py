"""One subset of columns with every shape beside it, in closed form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from reports.verdicts.growth import APART
from reports.verdicts.shapes import SATURATING, Shapes

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Model:
    """Inner products of columns, bytes and shapes under one noise, without the fixed columns.

    `number` of columns; `freedom`: bins less fixed columns.
    """

    gram: Array
    whole: Array
    number: int
    count: int
    freedom: int
    log_determinant: float
    shapes: Shapes

    @classmethod
    def of(
        cls, white: Array, fixed: int, number: int, log_determinant: float, shapes: Shapes
    ) -> Self:
        """From whitened columns: the fixed ones, those of requests, bytes, shapes."""
        basis, _ = np.linalg.qr(white[:, :fixed])
        moving = white[:, fixed:]
        rest = moving - basis @ (basis.T @ moving)
        whole = np.maximum((moving[:, number + 1 :] ** 2).sum(axis=0), 1e-12)
        count = len(white)
        return cls(rest.T @ rest, whole, number, count, count - fixed, log_determinant, shapes)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Models of one subset: logarithms of their weights, and the coefficients' t distributions.

    `centres` and `errors`: one row for each column of the subset.
    """

    subset: tuple[int, ...]
    log_weight: Array
    centres: Array
    errors: Array
    freedom: Array

    @classmethod
    def joined(cls, parts: list[Weighed], log_prior: float) -> Self:
        """The same subset under several noises."""
        return cls(
            parts[0].subset,
            np.concatenate([one.log_weight for one in parts]) + log_prior,
            np.concatenate([one.centres for one in parts], axis=1),
            np.concatenate([one.errors for one in parts], axis=1),
            np.concatenate([one.freedom for one in parts]),
        )

    def heavier_than(self, log_weight: float) -> Weighed:
        """Those that count."""
        kept = self.log_weight > log_weight
        return replace(
            self,
            log_weight=self.log_weight[kept],
            centres=self.centres[:, kept],
            errors=self.errors[:, kept],
            freedom=self.freedom[kept],
        )


def weighed(model: Model, subset: tuple[int, ...]) -> Weighed:
    """Least squares of the subset with each shape; what falls weighs less than what rises."""
    gram, shapes, at = model.gram, model.shapes, list(subset)
    first = model.number + 1
    own = np.diag(gram)[first:]
    total = float(gram[model.number, model.number])
    inverse = np.linalg.inv(gram[np.ix_(at, at)])
    alone = inverse @ gram[at, model.number]
    ratio = inverse @ gram[np.ix_(at, range(first, len(gram)))]
    square = own - (gram[at, first:] * ratio).sum(axis=0)
    usable = (own > APART * model.whole) & (square > APART * own)
    product = gram[model.number, first:] - gram[model.number, at] @ ratio
    height = np.where(usable, product / np.where(usable, square, 1.0), 0.0)
    residual = total - float(gram[at, model.number] @ alone) - height * product
    residual = np.maximum(residual, 1e-9 * max(total, 1e-9))
    used = len(at) + (shapes.kinds != "none")
    freedom = model.freedom - used
    variance = residual / freedom
    beside = np.where(usable, 1 / np.where(usable, square, 1.0), 0.0)
    centres = alone[:, None] - ratio * height
    errors = np.sqrt(variance * (np.diag(inverse)[:, None] + ratio**2 * beside))
    weight = (
        -0.5 * model.log_determinant
        - 0.5 * model.freedom * np.log(residual)
        - 0.5 * used * np.log(model.count)
        + shapes.log_prior
        + _upwards(centres, errors).sum(axis=0)
    )
    rising = _upwards(height, np.sqrt(variance * beside))
    weight = np.where(np.isin(shapes.kinds, SATURATING), weight + rising, weight)
    weight = np.where((shapes.kinds != "none") & ~usable, -np.inf, weight)
    return Weighed(subset, weight, centres, np.maximum(errors, 1e-12), freedom.astype(float))


def _upwards(estimate: Array, error: Array) -> Array:
    """Log of twice the probability that a coefficient is above 0 (normal: many bins)."""
    return np.asarray(np.log(2) + special.log_ndtr(estimate / np.maximum(error, 1e-12)))
