"""The figures that gates hold and comparisons compare, each with the interval of this run.

A run is one draw: its intervals cover the noise within the run, not that between runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy import stats

from reports.findings import Interval, Measured, MemoryVerdict, PhaseFigures, Recovery, Scaling
from reports.histogram import Histogram, merged, percentile
from reports.statistics import Second
from reports.verdicts.load_level import under_settled_load
from reports.verdicts.trace import Array, Trace

BLOCKS = 10
"""A phase is cut into as many stretches; their means are taken as independent draws."""

LEAST_IN_BLOCK = 5
"""Samples, or seconds with requests: with fewer in each block no interval is drawn."""

RESAMPLES = 1_000
LEVEL = 0.95


def measured(
    trace: Trace,
    phases: tuple[PhaseFigures, ...],
    seconds: Sequence[Second],
    *,
    memory: MemoryVerdict,
    recovery: Recovery,
    scaling: Scaling,
) -> tuple[Measured, ...]:
    """Bytes, milliseconds, shares and requests per second under names that stay.

    idle, load: means (t interval over block means); peak: between the largest sample and the exact
    upper end; retained: median levels; leak and per_user: the verdicts'; p50, p95: nearest rank
    (bootstrap over blocks of seconds); failure_rate: Wilson's interval or the blocks', whichever
    is wider.
    """
    at_load = _load_seconds(trace, seconds)
    return (
        _idle(trace),
        _level("load_bytes", trace.memory[under_settled_load(trace)]),
        _peak(phases),
        _retained(trace, recovery),
        Measured("bytes_per_user", "B", scaling.bytes_per_user, scaling.ci95),
        _leak(memory),
        _rate(phases, at_load),
        _percentile("p50_ms", 0.50, phases, at_load),
        _percentile("p95_ms", 0.95, phases, at_load),
        _failure_rate(phases, at_load),
    )


def _idle(trace: Trace) -> Measured:
    """Of the first rest: later ones may hold what parts of the load before the mix have left."""
    first = trace.load[0].start if trace.load else np.inf
    rest = [stage for stage in trace.stages if stage.start < first]
    return _level("idle_bytes", trace.memory_in(rest[0]) if rest else np.empty(0))


def _level(name: str, values: Array) -> Measured:
    if not len(values):
        return Measured(name, "B", None)
    return Measured(name, "B", float(values.mean()), block_interval(values))


def block_interval(values: Array) -> Interval | None:
    """Student's interval of the mean from the means of BLOCKS stretches (batch means, Law 2014)."""
    if len(values) < BLOCKS * LEAST_IN_BLOCK:
        return None
    means = np.array([block.mean() for block in np.array_split(values, BLOCKS)])
    half = stats.t.ppf((1 + LEVEL) / 2, BLOCKS - 1) * means.std(ddof=1) / np.sqrt(BLOCKS)
    return float(values.mean() - half), float(values.mean() + half)


def _peak(phases: tuple[PhaseFigures, ...]) -> Measured:
    known = [p.memory for p in phases if p.memory.peak_high is not None]
    if not known:
        return Measured("peak_bytes", "B", None)
    top = max(known, key=lambda memory: memory.peak_high or 0)
    high = float(top.peak_high or 0)
    low = max(float(memory.peak_low or 0) for memory in known)
    return Measured("peak_bytes", "B", high, (min(low, high), high))


def _retained(trace: Trace, recovery: Recovery) -> Measured:
    """The interval adds those of both rest phases' levels in squares."""
    load = trace.load
    if recovery.retained_bytes is None or not load:
        return Measured("retained_bytes", "B", None)
    before = [stage for stage in trace.stages if stage.start < load[0].start][-1]
    after = [stage for stage in trace.stages if stage.start > load[-1].start][-1]
    halves: list[float] = []
    for stage in (before, after):
        values = trace.memory_in(stage)
        interval = block_interval(values[-max(1, len(values) // 3) :])
        if interval is None:
            return Measured("retained_bytes", "B", float(recovery.retained_bytes))
        halves.append((interval[1] - interval[0]) / 2)
    value, half = float(recovery.retained_bytes), math.hypot(*halves)
    return Measured("retained_bytes", "B", value, (value - half, value + half))


def _leak(memory: MemoryVerdict) -> Measured:
    """A leak's rate; where memory is judged not to leak, 0 up to what cannot be excluded."""
    leak, upper = memory.leak, memory.upper_bytes_per_request
    if leak is not None:
        value, interval = leak.bytes_per_request, leak.bytes_per_request_ci95
        return Measured("leak_bytes_per_request", "B", value, interval)
    if memory.verdict == "cannot_tell" or upper is None:
        return Measured("leak_bytes_per_request", "B", None, None if upper is None else (0, upper))
    return Measured("leak_bytes_per_request", "B", 0.0, (0.0, max(0.0, upper)))


def _load_seconds(trace: Trace, seconds: Sequence[Second]) -> list[list[Second]]:
    """The seconds of settled load, cut into blocks; the origin is the trace's."""
    if not seconds or not len(trace.request_time):
        return []
    times = trace.request_time
    inside = np.zeros(len(times), dtype=bool)
    for stage in trace.load:
        inside |= (times >= stage.settled + 1) & (times <= stage.end)
    chosen = [second for second, taken in zip(seconds, inside, strict=True) if taken]
    count = min(6 * BLOCKS, len(chosen) // LEAST_IN_BLOCK)
    if count < BLOCKS // 2:
        return []
    edges = np.linspace(0, len(chosen), count + 1).astype(int)
    return [chosen[a:b] for a, b in pairwise(edges)]


def _rate(phases: tuple[PhaseFigures, ...], blocks: list[list[Second]]) -> Measured:
    """Of the settled load; where that is too short for an interval, of the load phases."""
    if not blocks:
        load = [phase for phase in phases if phase.is_load and phase.requests is not None]
        seconds = sum(phase.seconds for phase in load)
        rate = sum(phase.requests or 0 for phase in load) / seconds if seconds > 0 else None
        return Measured("requests_per_second", "1/s", rate)
    rates = np.array([sum(s.requests for s in b) / sum(s.seconds for s in b) for b in blocks])
    return Measured("requests_per_second", "1/s", float(rates.mean()), _mean_interval(rates))


def _mean_interval(values: Array) -> Interval:
    half = stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return float(values.mean() - half), float(values.mean() + half)


def _percentile(
    name: str, fraction: float, phases: tuple[PhaseFigures, ...], blocks: list[list[Second]]
) -> Measured:
    histograms = [merged(second.response_times for second in block) for block in blocks]
    value = percentile(merged(histograms), fraction)
    if value is None:
        known = [p for p in phases if p.is_load and p.p95_ms is not None]
        last = known[-1] if known else None
        return Measured(
            name, "ms", (last.p50_ms if fraction < 0.9 else last.p95_ms) if last else None
        )
    return Measured(name, "ms", value, _bootstrap(histograms, fraction))


def _bootstrap(histograms: list[Histogram], fraction: float) -> Interval:
    """Percentile bootstrap over whole blocks, which keeps what neighbours share (Kuensch 1989)."""
    bins = np.array(sorted({ms for histogram in histograms for ms in histogram}))
    counts = np.array([[histogram.get(ms, 0) for ms in bins] for histogram in histograms])
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(counts), size=(RESAMPLES, len(counts)))
    times = np.apply_along_axis(np.bincount, 1, drawn, minlength=len(counts))
    sums = np.cumsum(times @ counts, axis=1)
    ranks = np.maximum(1, np.ceil(fraction * sums[:, -1]))
    found = bins[(sums >= ranks[:, None]).argmax(axis=1)]
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _failure_rate(phases: tuple[PhaseFigures, ...], blocks: list[list[Second]]) -> Measured:
    load = [phase for phase in phases if phase.is_load and phase.requests is not None]
    requests = sum(phase.requests or 0 for phase in load)
    failures = sum(phase.failures or 0 for phase in load)
    if not requests:
        return Measured("failure_rate", "1", None)
    wilson = stats.binomtest(failures, requests).proportion_ci(LEVEL, "wilson")
    low, high = float(wilson.low), float(wilson.high)
    shares = [
        sum(s.failures for s in block) / total
        for block in blocks
        if (total := sum(s.requests for s in block))
    ]
    if len(shares) > 1:
        # Failures come in bursts: then the blocks differ by more than chance would let them.
        spread = _mean_interval(np.array(shares))
        low, high = min(low, max(0.0, spread[0])), max(high, min(1.0, spread[1]))
    return Measured("failure_rate", "1", failures / requests, (low, high))
