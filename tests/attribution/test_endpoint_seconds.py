"""Requests by second and endpoint, as small a table as it can be."""

from __future__ import annotations

from typing import Any

from reports.endpoint_seconds import MOST_ENDPOINTS, OTHERS, endpoint_seconds
from reports.statistics import read_totals
from tests.reports.made_run import MadeRun


def row(time: float, **counts: int) -> dict[str, Any]:
    entries = {f"GET /{name}": {"requests": count} for name, count in counts.items()}
    return {"time": time, "entries": entries}


def test_each_endpoint_has_a_column_most_requested_first() -> None:
    rows = [row(1, a=1, b=5), row(2, b=2), row(3)]
    found = endpoint_seconds(rows, {("GET", "/a"): 1, ("GET", "/b"): 7})
    assert found is not None
    assert found.keys == (("GET", "/b"), ("GET", "/a"))
    assert found.counts.tolist() == [[5, 1], [2, 0], [0, 0]]


def test_names_that_were_never_meant_to_be_many_share_a_column() -> None:
    totals = {("GET", f"/{number}"): 1000 - number for number in range(500)}
    rows = [row(1, **{str(number): 1 for number in range(500)})]
    found = endpoint_seconds(rows, totals)
    assert found is not None
    assert found.counts.shape == (1, MOST_ENDPOINTS + 1)
    assert found.keys[-1] == OTHERS
    assert found.counts[0, -1] == 500 - MOST_ENDPOINTS


def test_without_seconds_there_is_no_table() -> None:
    assert endpoint_seconds([], {("GET", "/a"): 1}) is None


def test_a_day_of_two_hundred_endpoints_stays_small(made: MadeRun) -> None:
    found = read_totals(made.write().locust_stats_json).per_endpoint
    assert found is not None
    assert found.counts.itemsize * 86_400 * MOST_ENDPOINTS < 100e6
    assert found.counts.sum() == 2 * 20 * 30
