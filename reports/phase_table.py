"""One row per phase: memory figures and requests."""

from __future__ import annotations

import numpy as np

from reports.aligning import AlignedPhase, AlignedRun
from reports.blindness import memory_series
from reports.findings import MemoryFigures, PhaseFigures
from reports.histogram import Histogram, merged, percentile

SAMPLED = "samples"
HIGH_WATER = "high-water mark"


def phase_table(run: AlignedRun) -> tuple[PhaseFigures, ...]:
    """The phases' figures in order of time; bytes, seconds since the origin, milliseconds."""
    return tuple(_row(run, phase) for phase in run.phases)


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
    high_water = _grown_high_water(run, phase)
    higher = high_water is not None and high_water > max_sampled
    return MemoryFigures(
        measure=run.measure,
        min=int(values.min()),
        mean=int(values.mean()),
        p95=int(np.quantile(values, 0.95)),
        max_sampled=max_sampled,
        peak_low=max_sampled,
        peak_high=high_water if higher else max_sampled,
        peak_source=HIGH_WATER if high_water is not None else SAMPLED,
    )


def _grown_high_water(run: AlignedRun, phase: AlignedPhase) -> int | None:
    """VmHWM at the phase's end (bytes) of a lone process, where it rose inside the phase.

    None for several processes (the marks of a forked tree count shared pages once each) and
    where the mark stood still: it then belongs to an earlier moment.
    """
    counts = phase.memory["processes"].dropna()
    rows = phase.processes[["pid", "peak"]].dropna()
    pids = set(rows["pid"].astype(int)) | {pid for pid, _ in phase.window.peak_bytes}
    if len(pids) != 1 or (len(counts) and counts.max() > 1):
        return None
    (pid,) = pids
    marks = [int(peak) for peak in rows["peak"]]
    marks += [peak for owner, peak in phase.window.peak_bytes if owner == pid]
    before = _mark_before(run, phase, pid)
    first = marks[0] if before is None else before
    return marks[-1] if marks[-1] > first else None


def _mark_before(run: AlignedRun, phase: AlignedPhase, pid: int) -> int | None:
    marks = [
        dict(earlier.window.peak_bytes).get(pid)
        for earlier in run.phases
        if earlier.window.end <= phase.window.start
    ]
    known = [mark for mark in marks if mark is not None]
    if known:
        return known[-1]
    rows = run.data.processes
    earlier_rows = rows[(rows["pid"] == pid) & (rows["time"] < phase.window.start)]
    sampled = earlier_rows["peak"].dropna()
    return int(sampled.iloc[-1]) if len(sampled) else None
