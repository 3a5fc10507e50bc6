"""Three views of one record, and the growth in the one that shows it most sharply.

Through the middle of all bins: right for noise that is even to both sides. Through their low ends:
right where requests borrow memory for a moment. Along the floor, level by level: right where memory
rises for a while and comes back, or jumps by whole arenas (see levels.py). Which of them is right
is a matter of the noise, so the narrowest interval decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reports.verdicts.growth import Array, Growth, Points, growth
from reports.verdicts.levels import JUMP_FRACTION, floor_of, levels_of

FLOOR_SHARE = 0.5
"""Of the belief, that of the floor: where it jumps was read off the same bins, so that it is surer
than it can be. Of five recorded or made runs in which it alone was sure (0.95 and more, the others
below 0.85) two did not leak."""


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at the bins, and the growth in it."""

    points: Points
    growth: Growth


def sharpest_growth(points: Points) -> Growth | None:
    """The growth in the view with the narrowest interval; None where none has enough bins."""
    view = sharpest_view(points)
    return None if view is None else view.growth


def sharpest_view(points: Points) -> View | None:
    """The view with the narrowest interval for the growth; None where none has enough bins."""
    low = replace(points, bytes=points.low)
    found = [(points, growth(points)), (low, growth(low))]
    levels = None if _has_levels_already(points) else levels_of(floor_of(points.low))
    if levels is not None and levels.numbers.max() > 0:
        floor = on_the_floor(points, levels.numbers)
        along = growth(floor)
        # Two moves that were just too small for jumps may hide in what is left.
        unseen = 2 * JUMP_FRACTION * float(np.median(points.low))
        if along is not None:
            upper = along.upper_bytes_per_request + unseen / along.requests
            along = replace(
                along,
                probability=_believed(along, [grown for _, grown in found if grown is not None]),
                upper_bytes_per_request=upper,
                resolution_bytes=unseen,
                climbed_bytes=levels.climbed,
            )
            found.append((floor, along))
    views = [View(seen, grown) for seen, grown in found if grown is not None]
    return min(views, key=lambda view: _width(view.growth), default=None)


def _believed(floor: Growth, others: list[Growth]) -> float:
    """That there is growth, as the floor and the views without levels say together."""
    if not others:
        return floor.probability
    beside = sum(one.probability for one in others) / len(others)
    return FLOOR_SHARE * floor.probability + (1 - FLOOR_SHARE) * beside


def on_the_floor(points: Points, level: NDArray[np.int64]) -> Points:
    """The lower envelope of the bins that have a level, each level a group of its own."""
    floor, kept = floor_of(points.low), level >= 0
    # Between two jumps the number of users does not change, or its jump is the memory's.
    moving = [column for column in points.regressors.T if _moves(column[kept], level[kept])]
    return replace(
        points,
        requests=points.requests[kept],
        bytes=floor[kept],
        position=points.position[kept],
        group=level[kept],
        regressors=np.array(moving).T[kept] if moving else np.empty((int(kept.sum()), 0)),
    )


def _has_levels_already(points: Points) -> bool:
    """Several lives have theirs; teeth are a regressor."""
    return points.tooth is not None or len(np.unique(points.group)) > 1


def _moves(column: Array, level: NDArray[np.int64]) -> bool:
    return any(float(np.ptp(column[level == one])) > 0 for one in np.unique(level))


def _width(found: Growth) -> float:
    low, high = found.interval
    return high - low
