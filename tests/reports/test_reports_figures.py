"""Percentiles, decimation, units: pure functions with literal inputs."""

from __future__ import annotations

import numpy as np
import pytest

from reports.decimation import decimate, with_gaps
from reports.histogram import merged, percentile
from reports.units import percent, size_text


@pytest.mark.parametrize(
    ("fraction", "expected"), [(0.0, 1), (0.5, 1), (0.51, 2), (0.9, 2), (0.95, 30), (1.0, 30)]
)
def test_a_percentile_is_the_nearest_rank(fraction: float, expected: float) -> None:
    assert percentile({30: 1, 1: 5, 2: 4}, fraction) == expected


def test_an_empty_histogram_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None


def test_histograms_add_up() -> None:
    assert merged([{1: 2}, {1: 3, 5: 1}]) == {1: 5, 5: 1}


def test_decimation_keeps_a_peak_of_one_sample() -> None:
    values = np.zeros(100_000)
    values[54_321], values[77_777] = 9.0, -3.0
    times, kept = decimate(np.arange(100_000.0), values, buckets=500)
    assert (kept.max(), kept.min()) == (9.0, -3.0)
    assert times[kept.argmax()] == 54_321
    assert len(kept) <= 2 * 500 + 2


def test_decimation_keeps_gaps() -> None:
    values = np.ones(10_000)
    values[5000:5010] = np.nan
    assert np.isnan(decimate(np.arange(10_000.0), values, buckets=100)[1]).any()


def test_few_points_are_left_alone() -> None:
    times = np.arange(10.0)
    assert len(decimate(times, times)[0]) == 10


def test_a_hole_breaks_the_line() -> None:
    times, values = with_gaps(np.array([0.0, 1.0, 9.0]), np.array([1.0, 1.0, 1.0]), 2.0)
    assert times.tolist() == [0.0, 1.0, 5.0, 9.0]
    assert np.isnan(values[2])


def test_sizes_are_mib_then_gib() -> None:
    assert size_text(512 * 1024**2) == "512.0 MiB"
    assert size_text(12 * 1024**3) == "12.0 GiB"
    assert size_text(None) == "unknown"


def test_small_percentages_keep_a_decimal() -> None:
    assert (percent(0.003), percent(0.41), percent(0.0)) == ("0.3 %", "41 %", "0 %")
