"""AlignedRun -> Trace: what the verdicts need, in seconds since the origin."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.aligning import AlignedPhase, AlignedRun
from reports.file_pages import judged_memory
from reports.findings import ProcessFigures
from reports.verdicts.trace import Array, Life, Stage, Trace

SETTLING_FRACTION = 0.1
"""Of a load phase that counts as ramp where the number of users was not recorded."""


def trace_of(run: AlignedRun, processes: tuple[ProcessFigures, ...], limit: int | None) -> Trace:
    """Cut, subtract the origin, and give each process the samples that are its own."""
    frame = run.data.memory
    seconds = run.data.statistics.seconds
    return Trace(
        time=_array(frame["time"]) - run.origin,
        memory=_array(judged_memory(run)),
        request_time=np.array([second.time - run.origin for second in seconds], dtype=float),
        requests=np.cumsum([float(second.requests) for second in seconds]),
        stages=tuple(_stage(run, phase) for phase in run.phases),
        lives=tuple(_life(run, process) for process in processes),
        limit_bytes=limit,
        measure=run.measure,
    )


def _stage(run: AlignedRun, phase: AlignedPhase) -> Stage:
    start, end = phase.window.start - run.origin, phase.window.end - run.origin
    return Stage(phase.window.name, start, end, _settled(run, phase), phase.users, phase.is_load)


def _settled(run: AlignedRun, phase: AlignedPhase) -> float:
    """When the number of users reached the phase's own, as Locust counted them."""
    start, end = phase.window.start - run.origin, phase.window.end - run.origin
    counted = [second for second in phase.seconds if second.users is not None]
    for second in counted:
        if phase.users is not None and (second.users or 0) >= phase.users:
            return min(end, max(start, second.time - run.origin))
    return start + SETTLING_FRACTION * (end - start) if phase.is_load else start


def _life(run: AlignedRun, process: ProcessFigures) -> Life:
    frame = run.data.processes
    created = (frame["create_time"] - run.origin - process.born).abs() < 0.05
    own = frame[(frame["pid"] == process.pid) & created]
    own = own.dropna(subset=["rss"])
    # Pages of files move with others, too.
    files = (own["rss_file"] - own["rss_file"].median()).fillna(0.0)
    # RSS is read for each row, PSS on a slower cadence: the usual difference is what is shared.
    shared = float((own["rss"] - own["pss"]).median()) if own["pss"].notna().any() else 0.0
    return Life(
        process.pid,
        process.role,
        process.name,
        process.born,
        process.died,
        process.planned,
        _array(own["time"]) - run.origin,
        _array(own["rss"] - files) - shared,
    )


def _array(series: pd.Series[float]) -> Array:
    return np.asarray(series, dtype=np.float64)
