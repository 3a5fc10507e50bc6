"""Flat, linear, superlinear, saturating: curves of memory over users, weighed against each other.

Least squares under serially correlated noise; a curve's weight is its marginal likelihood under the
unit-information prior (Kass and Wasserman, JASA 90, 1995), its prediction that of all noise models
together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from reports.findings import Prediction
from reports.verdicts.growth import Array, whitenings

POWERS = (1.5, 2.0, 3.0)
BENDS = (0.2, 0.35, 0.6, 1.0)
"""Where a saturating curve bends, as a fraction of the most users."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """One curve under one noise model: bytes = level + height x shape(users)."""

    log_weight: float
    kind: str
    scale: float
    coefficients: Array
    covariance: Array
    freedom: int

    def at(self, users: float, most: float) -> tuple[float, float]:
        """Bytes and their standard error."""
        share = np.array([users / most])
        bent = share[:0] if self.kind == "flat" else shape(self.kind, self.scale, share)
        row = np.concatenate([[1.0], bent])
        return float(row @ self.coefficients), float(np.sqrt(row @ self.covariance @ row))


@dataclass(frozen=True, slots=True)
class Curve:
    """One kind of curve. `slope` and its 95 % interval: bytes per user over the measured range."""

    name: str
    weight: float
    slope: float
    slope_interval: tuple[float, float]
    most: float
    fits: tuple[tuple[float, _Fit], ...]

    def predict(self, users: float) -> Prediction:
        """Bytes at so many users, 95 % interval; `extrapolated` past the measured range."""
        parts = [(weight, *fit.at(users, self.most), fit.freedom) for weight, fit in self.fits]
        centre = sum(weight * value for weight, value, _, _ in parts)
        low = sum(w * (v + e * stats.t.ppf(0.025, f)) for w, v, e, f in parts)
        high = sum(w * (v + e * stats.t.ppf(0.975, f)) for w, v, e, f in parts)
        return Prediction(round(users), round(centre), (round(low), round(high)), users > self.most)


def shape(kind: str, scale: float, share: Array) -> Array:
    """The curve's shape at a share of the most users, 0 at none and 1 at all."""
    if kind == "linear":
        return share
    if kind == "superlinear":
        return np.asarray(share**scale, dtype=float)
    return np.asarray((1 - np.exp(-share / scale)) / (1 - np.exp(-1 / scale)), dtype=float)


def compare(users: Array, memory: Array, position: Array) -> tuple[Curve, ...] | None:
    """All four kinds with their weights, which sum to 1; None under 12 points."""
    if len(users) < 12:
        return None
    most, scale = float(users.max()), float(np.std(memory)) or 1.0
    fits = [
        _fit(candidate, users / most, memory / scale, whitening)
        for candidate in _candidates()
        for whitening in whitenings(tuple(map(float, position)), (0,) * len(position))
    ]
    kept = [_in_bytes(fit, scale) for fit in fits if fit is not None]
    weights = special.softmax([fit.log_weight for fit in kept])
    return tuple(
        _curve(name, [(w, f) for w, f in zip(weights, kept, strict=True) if f.kind == name], most)
        for name in ("flat", "linear", "superlinear", "saturating")
    )


def _candidates() -> list[tuple[str, float, float]]:
    return [
        ("flat", 0.0, 0.0),
        ("linear", 1.0, 0.0),
        *(("superlinear", power, -float(np.log(len(POWERS)))) for power in POWERS),
        *(("saturating", bend, -float(np.log(len(BENDS)))) for bend in BENDS),
    ]


def _fit(
    candidate: tuple[str, float, float],
    share: Array,
    memory: Array,
    whitening: tuple[Array, float],
) -> _Fit | None:
    kind, scale, log_prior = candidate
    columns = [np.ones_like(share)]
    if kind != "flat":
        columns.append(shape(kind, scale, share))
    whiten, log_determinant = whitening
    design, y = whiten @ np.column_stack(columns), whiten @ memory
    coefficients, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    used, count = design.shape[1], len(y)
    if rank < used or (kind in ("superlinear", "saturating") and coefficients[1] < 0):
        return None
    residual = max(float(((y - design @ coefficients) ** 2).sum()), 1e-9 * float(y @ y))
    freedom = count - used
    weight = (
        -0.5 * log_determinant
        - 0.5 * (count - 1) * np.log(residual)
        - 0.5 * (used - 1) * np.log(count)
        + log_prior
    )
    covariance = np.asarray(np.linalg.inv(design.T @ design) * residual / freedom, dtype=float)
    return _Fit(
        float(weight), kind, scale, np.asarray(coefficients, dtype=float), covariance, freedom
    )


def _in_bytes(fit: _Fit, scale: float) -> _Fit:
    return _Fit(
        fit.log_weight,
        fit.kind,
        fit.scale,
        fit.coefficients * scale,
        fit.covariance * scale**2,
        fit.freedom,
    )


def _curve(name: str, weighted: list[tuple[float, _Fit]], most: float) -> Curve:
    total = sum(weight for weight, _ in weighted) or 1.0
    fits = tuple((float(w / total), f) for w, f in weighted if w / total > 1e-6)
    slope = low = high = 0.0
    if name != "flat":
        parts = [
            (w, f.coefficients[1] / most, float(np.sqrt(f.covariance[1, 1])) / most, f.freedom)
            for w, f in fits
        ]
        slope = float(sum(w * s for w, s, _, _ in parts))
        low = float(sum(w * (s + e * stats.t.ppf(0.025, f)) for w, s, e, f in parts))
        high = float(sum(w * (s + e * stats.t.ppf(0.975, f)) for w, s, e, f in parts))
    return Curve(name, float(sum(w for w, _ in weighted)), slope, (low, high), most, fits)
