"""What is believed of a coefficient that cannot be negative: t distributions, weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weighted t distributions, each cut off below 0; the weights sum to 1."""

    weights: Array
    centres: Array
    errors: Array
    freedom: Array

    def below(self, value: float) -> float:
        """Probability of lying between 0 and `value`."""
        # Upper tails, for a t distribution far below 0 has all of its upper part in its tail.
        above_zero = stats.t.sf(-self.centres / self.errors, self.freedom)
        above = stats.t.sf((value - self.centres) / self.errors, self.freedom)
        return float(self.weights @ (1 - above / np.maximum(above_zero, 1e-300)))

    def quantile(self, probability: float) -> float:
        """The value below which `probability` lies."""
        high = float(np.max(np.maximum(self.centres, 0.0) + self.errors))
        while self.below(high) < probability:
            high *= 2
        return float(optimize.brentq(lambda v: self.below(v) - probability, 0.0, high))
