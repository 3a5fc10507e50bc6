"""One row per phase: memory figures and requests."""

from __future__ import annotations

import numpy as np

from reports.aligning import AlignedPhase, AlignedRun
from reports.blindness import memory_series
from reports.findings import MemoryFigures, PhaseFigures
from reports.histogram import Histogram, merged, percentile
from reports.peaks import phase_peak


def phase_table(run: AlignedRun) -> tuple[PhaseFigures, ...]:
    """The phases' figures in order of time; bytes, seconds since the origin, milliseconds."""
    return tuple(_row(run, phase) for phase in run.phases)


def phases_of_the_load(table: tuple[PhaseFigures, ...]) -> tuple[PhaseFigures, ...]:
    """What peak and rate are told of: not the parts of an attribution plan, which are no load that
    a size must hold, unless the run broke off before any other load.
    """
    mix = tuple(phase for phase in table if not phase.isolated)
    return mix if any(phase.is_load for phase in mix) else table


def _row(run: AlignedRun, phase: AlignedPhase) -> PhaseFigures:
    requests, failures, histogram = _requests(run, phase)
    seconds, counted = phase.window.seconds, _counted_seconds(run, phase)
    return PhaseFigures(
        name=phase.window.name,
        start=round(phase.window.start - run.origin, 3),
        seconds=round(seconds, 3),
        users=phase.users,
        is_load=phase.is_load,
        requests=requests,
        failures=failures,
        requests_per_second=requests / counted if requests is not None and counted > 0 else None,
        p50_ms=percentile(histogram, 0.50),
        p95_ms=percentile(histogram, 0.95),
        p99_ms=percentile(histogram, 0.99),
        memory=_memory(run, phase),
        isolated=phase.isolated,
    )


def _counted_seconds(run: AlignedRun, phase: AlignedPhase) -> float:
    """Seconds that the counts cover: of a phase that never ended, up to the last count."""
    seconds = run.data.statistics.seconds
    if phase.window.ended or not seconds:
        return phase.window.seconds
    return min(phase.window.seconds, max(0.0, seconds[-1].time - phase.window.start))


def _requests(run: AlignedRun, phase: AlignedPhase) -> tuple[int | None, int | None, Histogram]:
    if phase.entries is not None:
        return (
            sum(entry.requests for entry in phase.entries),
            sum(entry.failures for entry in phase.entries),
            merged(entry.response_times for entry in phase.entries),
        )
    if run.data.statistics.source is None:
        return None, None, {}
    # Cut from seconds: counts may be off by one second's requests, so percentiles stay unknown.
    return (
        sum(second.requests for second in phase.seconds),
        sum(second.failures for second in phase.seconds),
        {},
    )


def _memory(run: AlignedRun, phase: AlignedPhase) -> MemoryFigures:
    values = memory_series(run, phase.memory).dropna().to_numpy()
    if not len(values):
        return MemoryFigures()
    max_sampled = int(values.max())
    peak = phase_peak(run, phase, max_sampled)
    return MemoryFigures(
        measure=run.measure,
        min=int(values.min()),
        mean=int(values.mean()),
        p95=int(np.quantile(values, 0.95)),
        max_sampled=max_sampled,
        peak_low=max_sampled,
        peak_high=peak.high,
        peak_source=peak.source,
    )
