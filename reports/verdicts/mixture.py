"""What is believed of a coefficient that cannot be negative: t distributions, weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weighted t distributions, each cut off below 0; the weights sum to 1."""

    weights: Array
    centres: Array
    errors: Array
    freedom: Array

    def quantile(self, probability: float) -> float:
        """The value below which `probability` lies."""
        positive = np.maximum(self._above(0.0), 1e-300)

        def beyond(value: float) -> float:
            return float(self.weights @ (1 - self._above(value) / positive)) - probability

        high = float(np.max(np.maximum(self.centres, 0.0) + self.errors))
        while beyond(high) < 0:
            high *= 2
        return float(optimize.brentq(beyond, 0.0, high))

    def _above(self, value: float) -> Array:
        """Upper tails, for a t distribution far below 0 has all of its upper part in its tail.

        The distribution function itself: what scipy.stats puts around it takes as long again.
        """
        tails: Array = special.stdtr(self.freedom, -(value - self.centres) / self.errors)
        return tails
