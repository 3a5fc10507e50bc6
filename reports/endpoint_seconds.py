"""How many requests of each endpoint ended in each second, as one table of small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_ENDPOINTS = 200
"""Columns of a table. A day of them takes 70 MB; names that were never meant to be many are cut."""

OTHERS = ("", "other endpoints")


@dataclass(frozen=True, slots=True)
class EndpointSeconds:
    """Requests that ended in the second before each `time` (epoch seconds): seconds x endpoints.

    `keys` are methods and names in the order of the columns; beyond MOST_ENDPOINTS the least
    requested share one column under OTHERS.
    """

    keys: tuple[tuple[str, str], ...]
    time: NDArray[np.float64]
    counts: NDArray[np.int32]


def endpoint_seconds(
    rows: list[dict[str, Any]], totals: dict[tuple[str, str], int]
) -> EndpointSeconds | None:
    """From the rows of locust_stats.json and the requests in all; None where there are none."""
    if not rows or not totals:
        return None
    ranked = sorted(totals, key=lambda key: -totals[key])
    keys = tuple(ranked[:MOST_ENDPOINTS])
    column = {f"{method} {name}": index for index, (method, name) in enumerate(keys)}
    rest = len(keys)
    shown = keys if len(ranked) == rest else (*keys, OTHERS)
    counts = np.zeros((len(rows), rest + 1), dtype=np.int32)
    for index, row in enumerate(rows):
        for key, entry in (row.get("entries") or {}).items():
            counts[index, column.get(key, rest)] += int(entry.get("requests") or 0)
    time = np.array([float(row["time"]) for row in rows])
    return EndpointSeconds(shown, time, counts[:, : len(shown)])
