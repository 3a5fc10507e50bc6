"""Noise as memory has it: correlated in time, in pages, with short spikes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, signal

Array = NDArray[np.float64]
PAGE = 4096


@dataclass(frozen=True, slots=True)
class Noise:
    """An Ornstein-Uhlenbeck process of `sigma` bytes that forgets itself within `memory_seconds`,
    and `spikes_per_minute` of `spike_bytes` that last one sample.
    """

    sigma: float
    memory_seconds: float
    spikes_per_minute: float = 0.0
    spike_bytes: float = 0.0

    def drawn(self, rng: np.random.Generator, time: Array) -> Array:
        """One path at evenly spaced times."""
        step = float(time[1] - time[0])
        keep = float(np.exp(-step / self.memory_seconds))
        shocks = rng.normal(0, self.sigma * np.sqrt(1 - keep**2), len(time))
        start = signal.lfiltic([1.0], [1.0, -keep], [rng.normal(0, self.sigma)])
        path, _ = signal.lfilter([1.0], [1.0, -keep], shocks, zi=start)
        spiking = rng.random(len(time)) < self.spikes_per_minute * step / 60
        return np.asarray(path + spiking * self.spike_bytes)


def pages(memory: Array) -> Array:
    """Whole pages, never below one."""
    return np.maximum(np.round(memory / PAGE) * PAGE, PAGE)


def standard_errors(
    growth: Array, others: Array, time: Array, noise: Noise, jitter: Array | None = None
) -> float:
    """How many standard errors `growth` (bytes at each time) is, to who knows the noise.

    Generalised least squares under the true noise, with `others` (columns) to be estimated beside:
    the best that any method could do. One of the columns should be growth that ends, for who
    cannot tell a leak from a cache has decided nothing. `jitter` (columns, bytes): what is not
    known for another reason than noise, each column by one standard deviation.
    """
    thinned = np.linspace(0, len(time) - 1, min(len(time), 150)).astype(int)
    at = time[thinned]
    covariance = noise.sigma**2 * np.exp(-np.abs(at[:, None] - at[None, :]) / noise.memory_seconds)
    covariance += (0.05 * noise.sigma + 1.0) ** 2 * np.eye(len(at))
    if jitter is not None:
        covariance += jitter[thinned] @ jitter[thinned].T
    factor = np.linalg.cholesky(covariance)
    design = np.column_stack([growth[thinned], np.ones(len(at)), others[thinned]])
    white = linalg.solve_triangular(factor, design, lower=True)
    norms = np.linalg.norm(white, axis=0)
    # To one scale: beside a column of bytes, one of requests would be taken for rounding.
    used = white[:, norms > 0] / norms[norms > 0]
    variance = np.linalg.pinv(used.T @ used)[0, 0] / norms[0] ** 2
    return float(1 / np.sqrt(variance)) if variance > 0 else 0.0
