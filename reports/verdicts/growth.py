"""How memory grows with requests: regression under correlated noise, averaged over shapes.

A load's samples are binned; each bin is a point (requests so far, bytes). Bytes are explained by

    level + b x requests + c x shape(requests) + regressors + noise

where `shape` either saturates (a warm-up, a cache that fills), jumps once, or is absent, and `b` is
either a leak or absent. No single model is chosen: each one gets the weight that the data give it,
and the interval for `b` is that of the weighted mixture (Bayesian model averaging: Hoeting,
Madigan, Raftery and Volinsky, Statistical Science 14, 1999). Weights are marginal likelihoods under
the unit-information prior, which is BIC's (Kass and Wasserman, JASA 90, 1995). Memory's noise is
far from independent, so the correlation of neighbouring bins is a grid of models, too: rho^distance
for a share of the variance, and white noise for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special, stats

from reports.verdicts.mixture import Mixture
from reports.verdicts.shapes import SATURATING, SCALES, Shapes, finer, shapes_of

Array = NDArray[np.float64]

APART = 1e-5
"""Share of a column's square that must be left when others are taken out."""

LINE_APART = 1e-3
"""The same, for the line itself."""

LEAST_POINTS = 8
LEAST_BINS = 5
"""In all, and on average per level."""

CORRELATION_LENGTHS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.45, 1.0)
"""Distance over which noise forgets itself, as a fraction of the record."""

CORRELATED_SHARES = (0.4, 0.8, 0.97)
"""Share of the noise's variance that is correlated."""


@dataclass(frozen=True, slots=True)
class Points:
    """What is regressed: `requests` (since the load's start) and `bytes` of each bin.

    `position`: where a bin lies in time, in bins; `group`: bins of one group (one life of a worker)
    share a level, and their noise is independent of other groups'. `low`: the low end of each bin,
    bytes. `regressors`: further columns
    (bins x n), such as users; `tooth`: which of the stretches between two collections a bin lies
    in, None without collections.
    """

    requests: Array
    bytes: Array
    position: Array
    group: NDArray[np.int64]
    regressors: Array
    low: Array
    tooth: NDArray[np.int64] | None = None

    @classmethod
    def of(
        cls,
        requests: Array,
        memory_bytes: Array,
        *,
        regressors: Array | None = None,
        group: NDArray[np.int64] | None = None,
        position: Array | None = None,
        low: Array | None = None,
    ) -> Points:
        """One group and evenly spaced bins where nothing else is said."""
        count = len(requests)
        return cls(
            np.asarray(requests, float),
            np.asarray(memory_bytes, float),
            np.arange(count, dtype=float) if position is None else position,
            np.zeros(count, dtype=np.int64) if group is None else group,
            np.empty((count, 0)) if regressors is None else regressors,
            np.asarray(memory_bytes if low is None else low, float),
        )


@dataclass(frozen=True, slots=True)
class Growth:
    """What the models say together.

    `bytes_per_request` and `interval` (95 %): of the unbounded growth, given that there is one.
    `probability`: that there is one, and upwards. `upper_bytes_per_request`: 97.5 % of the belief,
    absence included, lies below. `saturating_bytes`: growth that ends, as far as it was seen,
    `plateau_bytes`: up to its plateau, `saturating_probability` that there is any;
    `plateau_requests`: when 95 % of it was reached. `step_probability`: that one jump explains the
    growth. `noise_bytes`: standard deviation. `resolution_bytes`: less growth than this cannot be
    told from what is no growth. `climbed_bytes`: of jumps that were left out and all went upwards.
    """

    bytes_per_request: float
    interval: tuple[float, float]
    probability: float
    upper_bytes_per_request: float
    saturating_bytes: float
    plateau_bytes: float
    saturating_probability: float
    plateau_requests: float
    step_probability: float
    noise_bytes: float
    requests: float
    resolution_bytes: float = 0.0
    climbed_bytes: float = 0.0


@dataclass(frozen=True, slots=True)
class _Models:
    """One entry per model: its weight, its slope's t distribution, its shape's height."""

    log_weight: Array
    slope: Array
    slope_error: Array
    freedom: Array
    height: Array
    noise: Array
    shape: NDArray[np.int64]
    has_slope: NDArray[np.bool_]


def growth(points: Points) -> Growth | None:
    """The weighted mixture over all shapes and correlations.

    None with fewer than LEAST_BINS per level, without requests, or where a regressor grows just as
    the requests do.
    """
    levels = len(np.unique(points.group))
    span = float(np.ptp(points.requests)) if len(points.requests) else 0.0
    if len(points.requests) < max(LEAST_POINTS, LEAST_BINS * levels) or span <= 0:
        return None
    x = (points.requests - points.requests.min()) / span
    if not _line_is_apart(x, points):
        return None
    scale = float(np.std(points.bytes)) or 1.0
    coarse = shapes_of(x, dict.fromkeys(SATURATING, SCALES))
    likely = _likeliest_scales(_models(x, points, coarse, scale), coarse)
    shapes = shapes_of(x, {kind: finer(likely[kind]) for kind in SATURATING})
    return _summary(_models(x, points, shapes, scale), shapes, span, scale)


def _line_is_apart(x: Array, points: Points) -> bool:
    """Whether a slope can be told from the levels and the regressors."""
    others = fixed_columns(points)
    coefficients, *_ = np.linalg.lstsq(others, x, rcond=None)
    return float(((x - others @ coefficients) ** 2).sum()) > LINE_APART * float((x**2).sum())


def _likeliest_scales(models: _Models, shapes: Shapes) -> dict[str, float]:
    kinds = shapes.kinds[models.shape]
    best = {
        kind: int(np.argmax(np.where(kinds == kind, models.log_weight, -np.inf)))
        for kind in SATURATING
    }
    return {kind: float(shapes.scales[models.shape[index]]) for kind, index in best.items()}


def _models(x: Array, points: Points, shapes: Shapes, scale: float) -> _Models:
    fixed = fixed_columns(points)
    stack = np.column_stack([fixed, x, points.bytes / scale, shapes.columns])
    parts = [
        _least_squares(whiten @ stack, fixed.shape[1], shapes, log_determinant)
        for whiten, log_determinant in whitenings(
            tuple(map(float, points.position)),
            tuple(map(int, points.group)),
            None if points.tooth is None else tuple(map(int, points.tooth)),
        )
    ]
    return _Models(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _least_squares(
    white: Array, fixed: int, shapes: Shapes, log_determinant: float
) -> tuple[Array, ...]:
    """Every shape without and with a slope, in closed form; the fixed columns are taken out."""
    count = len(white)
    basis, _ = np.linalg.qr(white[:, :fixed])
    rest = white[:, fixed:] - basis @ (basis.T @ white[:, fixed:])
    line, y, columns = rest[:, 0], rest[:, 1], rest[:, 2:]
    total = float(y @ y)
    # What the fixed columns, or the line, already hold is no shape of its own: rounding remains.
    whole = (white[:, fixed + 2 :] ** 2).sum(axis=0)
    usable = (columns**2).sum(axis=0) > APART * np.maximum(whole, 1e-12)
    without = _one_column(y, columns, usable)
    ratio = (line @ columns) / float(line @ line)
    slope_alone = float(line @ y) / float(line @ line)
    y_less, columns_less = y - slope_alone * line, columns - np.outer(line, ratio)
    apart = usable & ((columns_less**2).sum(axis=0) > APART * (columns**2).sum(axis=0))
    height, residual, inverse = _one_column(y_less, columns_less, apart)
    slope = slope_alone - ratio * height
    slope_inverse = 1 / float(line @ line) + ratio**2 * inverse
    parts = []
    for has_slope, heights, residuals in ((False, *without[:2]), (True, height, residual)):
        used = (shapes.kinds != "none").astype(float) + has_slope
        freedom = count - fixed - used
        variance = residuals / freedom
        weight = (
            -0.5 * log_determinant
            - 0.5 * (count - fixed) * np.log(np.maximum(residuals, 1e-9 * max(total, 1e-9)))
            - 0.5 * used * np.log(count)
            + shapes.log_prior
        )
        # Leaks and what fills up go upwards: half of the prior, twice as dense. Without it a curve
        # that bends too little and a falling line would pass for one that bends more.
        errors = np.sqrt(variance * (slope_inverse if has_slope else 1.0))
        if has_slope:
            weight = weight + _upwards(slope, errors, freedom)
        height_errors = np.sqrt(variance * (inverse if has_slope else without[2]))
        saturates = np.isin(shapes.kinds, SATURATING)
        weight = np.where(saturates, weight + _upwards(heights, height_errors, freedom), weight)
        dropped = (shapes.kinds != "none") & ~(apart if has_slope else usable)
        weight = np.where(dropped, -np.inf, weight)
        parts.append(
            (
                weight,
                slope if has_slope else np.zeros_like(heights),
                errors if has_slope else np.zeros_like(heights),
                freedom,
                heights,
                np.sqrt(variance),
                np.arange(len(heights)),
                np.full(len(heights), has_slope),
            )
        )
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _upwards(estimate: Array, error: Array, freedom: Array) -> Array:
    """Log of twice the probability that the coefficient is above 0."""
    return np.asarray(
        np.log(2) + stats.t.logcdf(estimate / np.maximum(error, 1e-12), freedom), dtype=float
    )


def _one_column(y: Array, columns: Array, usable: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Height, residual sum of squares and 1 / column'column, for each column by itself."""
    squares = np.where(usable, (columns**2).sum(axis=0), 1.0)
    products = np.where(usable, y @ columns, 0.0)
    residual = np.maximum(float(y @ y) - products**2 / squares, 0.0)
    return products / squares, residual, np.where(usable, 1 / squares, 0.0)


def fixed_columns(points: Points) -> Array:
    """Levels and regressors, the latter to one scale: what every model has (bins x n)."""
    return np.column_stack([_levels(points.group), _scaled(points.regressors)])


def _levels(group: NDArray[np.int64]) -> Array:
    return np.asarray(group[:, None] == np.unique(group)[None, :], dtype=float)


def _scaled(columns: Array) -> Array:
    if not columns.size:
        return columns
    spread = np.ptp(columns, axis=0)
    return np.asarray(columns[:, spread > 0] / spread[spread > 0])


@lru_cache(maxsize=64)
def whitenings(
    position: tuple[float, ...], group: tuple[int, ...], tooth: tuple[int, ...] | None = None
) -> tuple[tuple[Array, float], ...]:
    """Inverse Cholesky factor and log determinant of each noise model.

    With teeth there are models in which each tooth has an offset of its own, too: when between two
    samples it fell is not known.
    """
    where, of = np.asarray(position), np.asarray(group)
    distance = np.abs(where[:, None] - where[None, :])
    same, independent = of[:, None] == of[None, :], np.eye(len(where))
    span = max(float(np.ptp(where)), 1.0)
    found = []
    for length in CORRELATION_LENGTHS:
        for share in CORRELATED_SHARES if length else (0.0,):
            covariance = (1 - share) * independent
            if length:
                covariance = covariance + share * same * np.exp(-distance / (length * span))
            found.append(_whitening(covariance))
    for share in CORRELATED_SHARES if tooth is not None else ():
        of_tooth = np.asarray(tooth)
        alike = of_tooth[:, None] == of_tooth[None, :]
        found.append(_whitening((1 - share) * independent + share * alike))
    return tuple(found)


def _whitening(covariance: Array) -> tuple[Array, float]:
    factor = np.linalg.cholesky(covariance)
    inverse = linalg.solve_triangular(factor, np.eye(len(covariance)), lower=True)
    return np.asarray(inverse), float(2 * np.log(np.diag(factor)).sum())


def _summary(models: _Models, shapes: Shapes, span: float, scale: float) -> Growth:
    weights = special.softmax(models.log_weight)
    # Among themselves: beside a shape that leaves no remainder, all of them together weigh nothing.
    among = models.log_weight - models.log_weight[models.has_slope].max()
    sloped = models.has_slope & (among > np.log(1e-7))
    share = float(weights[models.has_slope].sum())
    mixture = Mixture(
        special.softmax(models.log_weight[sloped]),
        models.slope[sloped],
        np.maximum(models.slope_error[sloped], 1e-12),
        models.freedom[sloped],
    )
    kinds, scales = shapes.kinds[models.shape], shapes.scales[models.shape]
    saturates = np.isin(kinds, SATURATING)
    ends = np.where(saturates, weights, 0.0)
    ends = ends / max(float(ends.sum()), 1e-300)
    rise = shapes.columns.max(axis=0)[models.shape]
    # A logarithm has no plateau: what it reached is all that can be said.
    whole = np.where(kinds == "logarithm", rise, 1.0)
    reached = np.select(
        [kinds == "exponential", kinds == "ramp"], [3 * scales, 0.95 * scales], default=1.0
    )
    unit = scale / span
    return Growth(
        bytes_per_request=mixture.quantile(0.5) * unit,
        interval=(mixture.quantile(0.025) * unit, mixture.quantile(0.975) * unit),
        probability=share,
        upper_bytes_per_request=_upper(mixture, share) * unit,
        saturating_bytes=float(ends @ (models.height * rise)) * scale,
        plateau_bytes=float(ends @ (models.height * whole)) * scale,
        saturating_probability=float(weights[saturates].sum()),
        plateau_requests=float(ends @ reached) * span,
        step_probability=float(weights[kinds == "step"].sum()),
        noise_bytes=float(weights @ models.noise) * scale,
        requests=span,
    )


def _upper(mixture: Mixture, share: float) -> float:
    """97.5 % of the belief lies below: 1 - share of it at 0, the rest on the mixture."""
    return 0.0 if share <= 0.025 else mixture.quantile(1 - 0.025 / share)
