"""Levels: an allocator takes and gives back whole arenas, and between such jumps memory is smooth.

A service of 100 MiB may jump by 15 MiB up and down while it leaks 0.1 MiB a second. The jumps hide
that from a line through all samples; within each level it is plain. So each stretch between two
jumps gets a level of its own, and the growth within all of them is judged together. Two things are
no levels: a staircase that only climbs (that is growth), and teeth, where each fall takes back just
what was gained since the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

from reports.verdicts.trace import Array

FLOOR_FRACTION = 0.12
"""Width of the window that slides below the curve, of all bins: shorter humps came back."""

LEAST_WINDOW = 5
JUMP_FRACTION = 0.02
"""A jump is larger than this share of the level in one bin,"""

JUMP_TO_USUAL = 6.0
"""and than so many times the usual change from bin to bin: fast growth is no row of jumps."""

MOST_CLIMBS = 3
"""More jumps than these, and all of them upwards, are a staircase."""

TRIMMED = 0.15
"""Share of the changes at either end that the usual one leaves out."""

LONGEST_JUMP = 2
"""Bins in a row; memory that goes on climbing for longer does not jump, it fills."""

LEAST_BINS = 6
"""A level that is shorter tells nothing of growth, and is left out."""

TOOTH = (0.5, 2.0)
"""A fall that takes back so much of what its level had gained is a collection."""


def floor_of(levels: Array) -> Array:
    """The lower envelope: a morphological opening (Serra 1982), which leaves slopes and steps."""
    width = max(LEAST_WINDOW, round(FLOOR_FRACTION * len(levels)))
    if len(levels) <= width:
        return levels
    # Past both ends the trend goes on (odd reflection); else the last bins of a climb lay flat.
    longer = np.pad(levels, width, mode="reflect", reflect_type="odd")
    return np.asarray(ndimage.grey_opening(longer, size=(width,))[width:-width])


@dataclass(frozen=True, slots=True)
class Levels:
    """The level of each bin: -1 where it is too short, all 0 where there are no jumps.

    `climbed`: bytes of two or more jumps that all went upwards; 0 where one fell, or one was alone.
    """

    numbers: NDArray[np.int64]
    climbed: float = 0.0


def levels_of(floor: Array) -> Levels:
    """Where memory stands between jumps."""
    one = Levels(np.zeros(len(floor), dtype=np.int64))
    jumps = jumps_of(floor)
    heights = floor[jumps] - floor[jumps - 1]
    # A jump that lies across a bin is one, not two.
    apart = 1 + int((np.diff(jumps) > LONGEST_JUMP).sum())
    only_up = apart > 1 and bool((heights > 0).all())
    if not len(jumps) or (only_up and apart > MOST_CLIMBS) or _teeth(floor, jumps):
        return one
    found = np.full(len(floor), -1, dtype=np.int64)
    number = 0
    for start, end in pairwise([0, *jumps.tolist(), len(floor)]):
        if end - start >= LEAST_BINS:
            found[start:end] = number
            number += 1
    return Levels(found, float(heights.sum()) if only_up else 0.0) if number else one


def jumps_of(floor: Array) -> NDArray[np.int64]:
    """The first bin after each jump."""
    change = np.diff(floor)
    usual = abs(float(stats.trim_mean(change, TRIMMED)))
    least = max(JUMP_FRACTION * float(np.median(floor)), JUMP_TO_USUAL * usual)
    large = np.abs(change - usual) > least
    runs, count = ndimage.label(large)
    for run in range(1, count + 1):
        if (runs == run).sum() > LONGEST_JUMP:
            large[runs == run] = False
    return np.flatnonzero(large) + 1


def _teeth(floor: Array, jumps: NDArray[np.int64]) -> bool:
    """Most falls take back what was gained since the jump before."""
    falls = collections = 0
    for before, at in pairwise([0, *jumps.tolist()]):
        fall = floor[at - 1] - floor[at]
        if fall <= 0:
            continue
        falls += 1
        gained = floor[at - 1] - floor[before]
        collections += TOOTH[0] * fall <= gained <= TOOTH[1] * fall
    return falls > 0 and collections * 2 > falls
