"""Which endpoints can be told apart at all: those whose requests did not rise in step.

Cumulative requests all rise, so what counts is what is left of one endpoint's column when the
levels, the users and all other endpoints are taken out of it: the inverse of its variance inflation
(Belsley, Kuh and Welsch, Regression Diagnostics, 1980). Endpoints with too little left are joined
until each column is its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Group = tuple[int, ...]

APART = 0.001
"""Share of a column's square that must be left: endpoints that swing in opposite phase can be told
apart up to a dozen swings per load."""

LEAST_SPREAD = 10.0
"""Requests (root mean square) that must be left of a column: a dealt deck of cards, which keeps
exact shares (scenarios/deck.py), scatters by two or three.
"""

TAKES_PART = 0.1
"""Of a column's rise that another one stands for, to be joined with it."""

LEAST_REQUESTS = 20
"""An endpoint with fewer is never a column of its own: one jump of memory would name it."""

MOST_COLUMNS = 6
LEAST_BINS_PER_COLUMN = 6


def separable(counts: Array, fixed: Array) -> tuple[Group, ...]:
    """Groups of columns of `counts` (bins x endpoints, cumulative) that can be told apart.

    `fixed` (bins x n): what is estimated beside. Endpoints without a request are in no group.
    """
    groups: list[Group] = [(int(index),) for index in np.flatnonzero(np.ptp(counts, axis=0))]
    basis, _ = np.linalg.qr(fixed)
    most = max(1, min(MOST_COLUMNS, len(counts) // LEAST_BINS_PER_COLUMN - fixed.shape[1]))
    while len(groups) > 1:
        columns = summed(counts, groups)
        rest = columns - basis @ (basis.T @ columns)
        together = _too_few(columns, rest) or _in_step(rest)
        if not together and len(groups) > most:
            together = _closest(_correlation(rest))
        together = together or _made_of_others(rest)
        if not together:
            break
        groups = joined(groups, together)
    return tuple(groups)


def summed(counts: Array, groups: list[Group] | tuple[Group, ...]) -> Array:
    """One column of cumulative requests for each group."""
    return np.column_stack([counts[:, list(group)].sum(axis=1) for group in groups])


def joined(groups: list[Group], together: set[int]) -> list[Group]:
    """The groups at these places as one, in the place of the first."""
    whole = tuple(sorted(index for place in together for index in groups[place]))
    return [
        whole if place == min(together) else group
        for place, group in enumerate(groups)
        if place == min(together) or place not in together
    ]


def _correlation(rest: Array) -> Array:
    """Squared correlation of each two columns, 0 with itself."""
    length = np.maximum(np.linalg.norm(rest, axis=0), 1e-12)
    squared = ((rest / length).T @ (rest / length)) ** 2
    np.fill_diagonal(squared, 0.0)
    return np.asarray(squared)


def _closest(squared: Array) -> set[int]:
    first, second = np.unravel_index(int(np.argmax(squared)), squared.shape)
    return {int(first), int(second)}


def _too_few(columns: Array, rest: Array) -> set[int]:
    """A column with too few requests, or none beside the levels and users, and its nearest."""
    rise = np.ptp(columns, axis=0)
    centred = ((columns - columns.mean(axis=0)) ** 2).sum(axis=0)
    own = (rest**2).sum(axis=0) > APART * centred
    poor = np.flatnonzero((rise < LEAST_REQUESTS) | ~own)
    if not len(poor):
        return set()
    place = int(poor[np.argmin(rise[poor])])
    nearest = int(np.argmax(np.where(np.arange(len(rise)) == place, -1, _correlation(rest)[place])))
    return {place, nearest}


def _in_step(rest: Array) -> set[int]:
    squared = _correlation(rest)
    length = (rest**2).sum(axis=0)
    left = np.maximum(1 - squared, 0.0)
    spread = np.sqrt(left * np.minimum(length[:, None], length[None, :]) / len(rest))
    alike = (left < APART) | (spread < LEAST_SPREAD)
    np.fill_diagonal(alike, False)
    return _closest(np.where(alike, squared, -1.0)) if alike.any() else set()


def _made_of_others(rest: Array) -> set[int]:
    """The column of which the others leave least, and those that it is made of."""
    most: set[int] = set()
    least = 1.0
    for place in range(rest.shape[1]):
        own, others = rest[:, place], np.delete(np.arange(rest.shape[1]), place)
        factors, *_ = np.linalg.lstsq(rest[:, others], own, rcond=None)
        square = float(((own - rest[:, others] @ factors) ** 2).sum())
        left = square / float(own @ own)
        alike = left < APART or square < len(rest) * LEAST_SPREAD**2
        if alike and left < least:
            parts = np.abs(factors) * np.linalg.norm(rest[:, others], axis=0)
            taking = others[parts >= min(TAKES_PART * float(np.linalg.norm(own)), parts.max())]
            least, most = left, {place, *(int(other) for other in taking)}
    return most
