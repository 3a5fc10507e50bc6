"""The readings of once a second, by phase."""

from __future__ import annotations

import pandas as pd

from reports.aligning import AlignedPhase, AlignedRun
from reports.inside.findings import InsidePhase


def inside_phases(run: AlignedRun) -> tuple[InsidePhase, ...]:
    """One for each phase with readings; empty where no process was asked."""
    frame = run.data.inside
    if not len(frame):
        return ()
    cut = ((phase, _within(frame, phase)) for phase in run.phases)
    return tuple(_phase(phase, rows) for phase, rows in cut if len(rows))


def _within(frame: pd.DataFrame, phase: AlignedPhase) -> pd.DataFrame:
    window = phase.window
    return frame[(frame["time"] >= window.start) & (frame["time"] <= window.end)]


def _phase(phase: AlignedPhase, rows: pd.DataFrame) -> InsidePhase:
    seconds = increase(rows, "gc_seconds")
    span = float(rows["time"].iloc[-1] - rows["time"].iloc[0])
    processes = float(rows["inside_processes"].mean())
    share = seconds / (span * processes) if seconds is not None and span > 0 else None
    return InsidePhase(
        phase.window.name,
        _mean(rows, "heap_used"),
        _max(rows, "heap_used"),
        _mean(rows, "heap_external"),
        _mean(rows, "malloc_free"),
        increase(rows, "gc_minor"),
        increase(rows, "gc_major"),
        seconds,
        share,
        _max(rows, "gc_longest"),
        _max(rows, "loop_delay"),
    )


def increase(rows: pd.DataFrame, name: str) -> float | None:
    """Of a count that only grows; where a process went away and took its own along, from there."""
    if name not in rows or not rows[name].notna().any():
        return None
    steps = rows[name].dropna().diff().dropna()
    return float(steps[steps > 0].sum())


def _mean(rows: pd.DataFrame, name: str) -> float | None:
    return float(rows[name].mean()) if name in rows and rows[name].notna().any() else None


def _max(rows: pd.DataFrame, name: str) -> float | None:
    return float(rows[name].max()) if name in rows and rows[name].notna().any() else None
