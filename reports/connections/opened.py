"""How many connections were really open: the target's own descriptors above those at rest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.aligning import AlignedPhase, AlignedRun
from reports.blindness import memory_series
from reports.connections.findings import OpenCount

DISAGREE_FRACTION = 0.05
DISAGREE_LEAST = 2
"""A log file or a probe's socket more is no connection."""


def open_counts(run: AlignedRun) -> tuple[OpenCount, ...]:
    """One entry per phase with users, in order of time."""
    rest = descriptors_at_rest(run)
    return tuple(_count(run, phase, rest) for phase in run.load_phases)


def still_open(run: AlignedRun) -> int | None:
    """Descriptors after the last load beyond those before the first; None: not known."""
    load, rest = run.load_phases, descriptors_at_rest(run)
    after = [p for p in run.phases if load and p.window.start >= load[-1].window.end]
    left = _descriptors(after[-1]) if after else None
    return None if left is None or rest is None else round(left - rest)


def disagrees(count: OpenCount) -> bool:
    """Fewer or more were open than asked for, by more than the noise of descriptors."""
    if count.open is None:
        return False
    return abs(count.open - count.asked) > max(DISAGREE_LEAST, DISAGREE_FRACTION * count.asked)


def descriptors_at_rest(run: AlignedRun) -> float | None:
    """Open descriptors before the first connection: at the end of the rest, else the last read.

    They are read every second or two: in the second half of a short rest perhaps not at all.
    """
    before = run.phases_before_load
    if not before:
        return None
    known = _descriptors(before[-1])
    return _last_read(run, before[-1].window.end) if known is None else known


def _last_read(run: AlignedRun, until: float) -> float | None:
    rows = run.data.processes
    read = rows["time"][rows["time"] < until]
    frame = run.data.memory
    return _median_descriptors(frame[frame["time"].between(read.max(), until)])


def _count(run: AlignedRun, phase: AlignedPhase, rest: float | None) -> OpenCount:
    now = _descriptors(phase)
    memory = memory_series(run, _second_half(phase)).dropna()
    return OpenCount(
        phase.window.name,
        phase.users or 0,
        None if now is None or rest is None else max(0, round(now - rest)),
        int(np.median(memory)) if len(memory) else None,
    )


def _descriptors(phase: AlignedPhase) -> float | None:
    """Those read in the second half, by when all are open; None where none were.

    Samples carry what was read last: about a second ago, of thousands of descriptors longer. Each
    reading leaves a row of its own, and what was carried from before the first of them is old.
    """
    read = _late(phase, phase.processes)
    if not len(read):
        return None
    samples = _second_half(phase)
    return _median_descriptors(samples[samples["time"] >= read["time"].min()])


def _median_descriptors(samples: pd.DataFrame) -> float | None:
    known = samples["fds"].dropna()
    return float(known.median()) if len(known) else None


def _second_half(phase: AlignedPhase) -> pd.DataFrame:
    return _late(phase, phase.memory)


def _late(phase: AlignedPhase, rows: pd.DataFrame) -> pd.DataFrame:
    middle = (phase.window.start + phase.window.end) / 2
    return rows[rows["time"] >= middle]
