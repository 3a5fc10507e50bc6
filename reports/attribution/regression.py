"""Bytes per request of each column of requests: regression under correlated noise.

    bytes = levels + regressors + sum of r x cumulative requests + growth that ends + noise

is the verdict's own model (reports/verdicts/growth.py) with one slope for each column instead of
one for all, each absent or above 0. All subsets of columns, with each shape of growth that ends,
under each correlation of the noise, are weighed by the marginal likelihood under the
unit-information prior, and figures are those of the weighted mixture (Hoeting, Madigan, Raftery and
Volinsky, Statistical Science 14, 1999). Subsets of a size share the prior of that size, so that
more columns mean no more false alarms (Scott and Berger, Annals of Statistics 38, 2010), and that
of a size falls with it (Castillo and van der Vaart, Annals of Statistics 40, 2012).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from reports.attribution.shapes import ending_shapes
from reports.attribution.weighing import Model, Weighed, weighed
from reports.verdicts.growth import Points, fixed_columns, whitenings
from reports.verdicts.mixture import Mixture
from reports.verdicts.shapes import Shapes

Array = NDArray[np.float64]

NEGLIGIBLE = 10.0
"""Noise, or a model, whose logarithm of the weight is so much less than the best one's is left
out."""

FURTHER = 0.2
"""None or one that keeps memory are as likely as each other; each further one so many times."""

MOST_MODELS = 400
"""In a mixture; the heaviest."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What is believed of one column, bytes per request.

    `probability`: that it keeps anything. `bytes_per_request` and `interval` (95 %): given that it
    does. `upper_bytes_per_request`: even then it is below that with 97.5 %.
    """

    probability: float
    bytes_per_request: float
    interval: tuple[float, float]
    upper_bytes_per_request: float


@dataclass(frozen=True, slots=True)
class Rates:
    """One for each column, and the weight of each subset of columns that may keep memory."""

    of: tuple[Rate, ...]
    subsets: tuple[tuple[tuple[int, ...], float], ...]

    def any_of(self, columns: set[int]) -> float:
        """Probability that at least one of them keeps memory."""
        return sum(weight for subset, weight in self.subsets if columns & set(subset))


def rates(points: Points, columns: Array) -> Rates:
    """Weigh all subsets. `columns` (bins x n): cumulative requests, n at most 8 or it takes long.

    Each column must be apart from the levels, the regressors and the others (separable.py).
    """
    lowest, rise = columns.min(axis=0), np.ptp(columns, axis=0)
    scaled = (columns - lowest) / rise
    scale = float(np.std(points.bytes)) or 1.0
    shapes = ending_shapes(points, scaled)
    fitted = _all(points, scaled, shapes, scale)
    logs = np.concatenate([one.log_weight for one in fitted])
    total = special.logsumexp(logs)
    number = columns.shape[1]
    return Rates(
        tuple(_rate(fitted, index, total, scale / float(rise[index])) for index in range(number)),
        tuple(
            (one.subset, float(np.exp(special.logsumexp(one.log_weight) - total))) for one in fitted
        ),
    )


def _all(points: Points, scaled: Array, shapes: Shapes, scale: float) -> list[Weighed]:
    """Every subset, over the noises that are not negligible."""
    number = scaled.shape[1]
    fixed = fixed_columns(points)
    stack = np.column_stack([fixed, scaled, points.bytes / scale, shapes.columns])
    noises = [
        Model.of(whiten @ stack, fixed.shape[1], number, log_determinant, shapes)
        for whiten, log_determinant in whitenings(
            tuple(map(float, points.position)),
            tuple(map(int, points.group)),
            None if points.tooth is None else tuple(map(int, points.tooth)),
        )
    ]
    ends = ((), tuple(range(number)))
    best = np.array([max(weighed(one, end).log_weight.max() for end in ends) for one in noises])
    likely = [one for one, top in zip(noises, best, strict=True) if top > best.max() - NEGLIGIBLE]
    subsets = [s for size in range(number + 1) for s in combinations(range(number), size)]
    found = []
    for subset in subsets:
        further = max(0, len(subset) - 1)
        prior = further * np.log(FURTHER) - np.log(special.comb(number, len(subset)))
        parts = [weighed(noise, subset) for noise in likely]
        found.append(Weighed.joined(parts, prior))
    top = max(float(one.log_weight.max()) for one in found)
    return [one.heavier_than(top - NEGLIGIBLE) for one in found]


def _rate(fitted: list[Weighed], column: int, total: float, unit: float) -> Rate:
    inside = [one for one in fitted if column in one.subset]
    logs = np.concatenate([one.log_weight for one in inside])
    if not len(logs):
        return Rate(0.0, 0.0, (0.0, 0.0), 0.0)
    heaviest = np.argsort(-logs)[:MOST_MODELS]
    places = [one.subset.index(column) for one in inside]
    pairs = list(zip(inside, places, strict=True))
    mixture = Mixture(
        special.softmax(logs[heaviest]),
        np.concatenate([one.centres[place] for one, place in pairs])[heaviest],
        np.concatenate([one.errors[place] for one, place in pairs])[heaviest],
        np.concatenate([one.freedom for one in inside])[heaviest],
    )
    low, middle, high = (mixture.quantile(share) * unit for share in (0.025, 0.5, 0.975))
    probability = float(np.exp(special.logsumexp(logs) - total))
    return Rate(min(1.0, probability), middle, (low, high), high)
