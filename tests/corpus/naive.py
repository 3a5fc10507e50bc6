"""The rules that people use, as simply as they use them: each says whether it is a leak."""

from __future__ import annotations

import numpy as np
from scipy import stats

from reports.verdicts.trace import Trace

MIB = 1024 * 1024
GROWTH_BYTES = 50 * MIB
SIGNIFICANCE = 0.05
POINTS = 200


def grew_by_50_mib(trace: Trace) -> bool:
    """The last sample under load is 50 MiB above the first sample of the run."""
    _, memory = _under_load(trace)
    known = trace.memory[~np.isnan(trace.memory)]
    return bool(len(memory)) and float(memory[-1] - known[0]) > GROWTH_BYTES


def slope_above_zero(trace: Trace) -> bool:
    """A straight line through the samples under load rises, by an ordinary test (5 %)."""
    time, memory = _under_load(trace)
    if len(time) < 3 or not np.ptp(memory):
        return False
    fit = stats.linregress(time, memory)
    return bool(fit.slope > 0 and fit.pvalue < SIGNIFICANCE)


def mann_kendall(trace: Trace) -> bool:
    """Mann and Kendall's test for a rising trend, as Kendall's tau against time (5 %)."""
    time, memory = _under_load(trace)
    if len(time) < 3 or not np.ptp(memory):
        return False
    test = stats.kendalltau(time, memory)
    return bool(test.statistic > 0 and test.pvalue < SIGNIFICANCE)


RULES = {
    "growth > 50 MiB": grew_by_50_mib,
    "slope > 0": slope_above_zero,
    "Mann-Kendall": mann_kendall,
}


def _under_load(
    trace: Trace,
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]
]:
    inside = np.zeros(len(trace.time), dtype=bool)
    for stage in trace.load:
        inside |= (trace.time >= stage.start) & (trace.time < stage.end)
    inside &= ~np.isnan(trace.memory)
    step = max(1, int(inside.sum()) // POINTS)
    return trace.time[inside][::step], trace.memory[inside][::step]
