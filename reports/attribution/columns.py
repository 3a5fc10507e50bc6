"""The bins of a run, with the requests of each endpoint that had ended by then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.attribution.separable import Group, separable, summed
from reports.attribution.shares import Key
from reports.endpoint_seconds import EndpointSeconds
from reports.verdicts.growth import Points, fixed_columns
from reports.verdicts.points import load_points
from reports.verdicts.trace import Trace
from reports.verdicts.views import sharpest_view

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """`counts` (bins x endpoints): requests that had ended, in the order of `keys`.

    `groups` of endpoints can be told apart by the rise of their requests. `resolution_bytes`: less
    growth than this cannot be told from none.
    """

    keys: tuple[Key, ...]
    points: Points
    counts: Array
    groups: tuple[Group, ...]
    resolution_bytes: float

    def requests(self, group: Group) -> float:
        """Of all its endpoints, over the bins."""
        return float(np.ptp(self.counts[:, list(group)].sum(axis=1)))

    def of(self, groups: tuple[Group, ...]) -> Array:
        """One column for each group."""
        return summed(self.counts, groups)


def columns_of(trace: Trace, seconds: EndpointSeconds, warm_up_seconds: float) -> Columns | None:
    """The view of the settled load that the memory verdict takes; None with too few bins."""
    points = load_points(trace, skip_seconds=warm_up_seconds)
    view = None if points is None else sharpest_view(points)
    if view is None:
        return None
    counts = counts_at(view.points.requests, seconds)
    groups = separable(counts, fixed_columns(view.points))
    return Columns(seconds.keys, view.points, counts, groups, view.growth.resolution_bytes)


def counts_at(requests: Array, seconds: EndpointSeconds) -> Array:
    """Each endpoint's requests (bins x endpoints) when so many of all had ended."""
    total = np.cumsum(seconds.counts.sum(axis=1, dtype=np.int64))
    return np.column_stack(
        [
            np.interp(requests, total, np.cumsum(column, dtype=np.int64))
            for column in seconds.counts.T
        ]
    )
