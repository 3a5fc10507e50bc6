"""When the memory was not seen: unreadable ticks, and ticks that never came."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from reports.aligning import AlignedPhase, AlignedRun, readable
from reports.gaps import Gap, told_gaps


@dataclass(frozen=True, slots=True)
class BlindSpan:
    """Seconds since the run's origin between which no memory figure exists."""

    start: float
    end: float
    reason: str


def memory_series(run: AlignedRun, frame: pd.DataFrame) -> pd.Series[float]:
    """The run's memory figure (bytes) at each row; NaN where it could not be read."""
    return frame[run.measure or "rss"]


def missing_fraction(run: AlignedRun, phase: AlignedPhase) -> float | None:
    """Share of the phase's ticks that are unreadable or never came; None: interval unknown."""
    interval = run.interval_seconds
    if not interval or phase.window.seconds < interval:
        return None
    expected = max(1, int(phase.window.seconds / interval))
    return max(0.0, 1 - int(readable(phase.memory).sum()) / expected)


def blind_spans(run: AlignedRun) -> tuple[BlindSpan, ...]:
    """Where no memory was read inside the phases, in order of time."""
    if not run.phases:
        return ()
    start, end = run.phases[0].window.start, run.phases[-1].window.end
    memory = run.data.memory
    memory = memory[(memory["time"] >= start) & (memory["time"] <= end)]
    seen = memory[readable(memory)]["time"].to_numpy()
    patience = max(1.0, 5 * (run.interval_seconds or 0.1))
    edges = [start, *map(float, seen), end]
    gaps = told_gaps(run)
    return tuple(
        BlindSpan(left - run.origin, right - run.origin, _reason(memory, gaps, left, right))
        for left, right in pairwise(edges)
        if right - left > patience
    )


def _reason(memory: pd.DataFrame, gaps: tuple[Gap, ...], left: float, right: float) -> str:
    inside = memory[(memory["time"] > left) & (memory["time"] < right)]
    if len(inside):
        return "the target could not be read"
    told = [gap.reason for gap in gaps if gap.overlaps(left, right)]
    return "; ".join(dict.fromkeys(told)) or "no samples"


def blind_caveats(run: AlignedRun, spans: tuple[BlindSpan, ...]) -> tuple[str, ...]:
    """From when to when the report is blind, and how many rows were empty."""
    empty = ~readable(run.data.memory)
    caveats: list[str] = []
    if empty.any():
        times = run.data.memory["time"][empty] - run.origin
        caveats.append(
            f"{int(empty.sum())} tick(s) could not be read, between {times.iloc[0]:.1f} s and"
            f" {times.iloc[-1]:.1f} s; they count as blind, not as 0."
        )
    caveats += [
        f"Blind from {span.start:.1f} s to {span.end:.1f} s: {span.reason}." for span in spans[:20]
    ]
    if len(spans) > 20:
        caveats.append(f"{len(spans) - 20} more blind spans are not listed.")
    return (*caveats, *_short_gaps(run, spans))


def _short_gaps(run: AlignedRun, spans: tuple[BlindSpan, ...]) -> tuple[str, ...]:
    """Gaps that events tell of and that no blind span shows."""
    return tuple(
        f"Blind from {gap.start - run.origin:.1f} s {_until(gap, run.origin)}: {gap.reason}."
        for gap in told_gaps(run)
        if not any(gap.overlaps(span.start + run.origin, span.end + run.origin) for span in spans)
    )


def _until(gap: Gap, origin: float) -> str:
    return "on" if gap.end is None else f"to {gap.end - origin:.1f} s"
