"""Figures from inside against the lines that people draw."""

from __future__ import annotations

from collections.abc import Sequence

from reports.aligning import AlignedRun
from reports.findings import Recovery
from reports.inside.findings import InsidePhase, Rating
from reports.units import percent, size_text
from reports.verdicts.thresholds import Thresholds


def load_gc_share(run: AlignedRun, phases: Sequence[InsidePhase]) -> float | None:
    """Of the processes' time under load, what collections took; weighted by the phases' length."""
    known = [(phase.gc_share, length) for phase, length in _loaded(run, phases)
             if phase.gc_share is not None]  # fmt: skip
    seconds = sum(length for _, length in known)
    return sum(share * length for share, length in known) / seconds if seconds > 0 else None


def ratings(
    run: AlignedRun,
    phases: Sequence[InsidePhase],
    recovery: Recovery,
    heap_growth_bytes: int | None,
    thresholds: Thresholds,
) -> tuple[Rating, ...]:
    """Those that are known: heap growth, growth of the whole, collections."""
    found = (
        _growth("heap growth", heap_growth_bytes, thresholds.heap_growth_warning_bytes,
                thresholds.heap_growth_critical_bytes),
        _growth("memory growth", recovery.retained_bytes, thresholds.growth_warning_bytes,
                thresholds.growth_critical_bytes),
        _gc_time(load_gc_share(run, phases), thresholds),
        _gc_runs(run, phases, thresholds),
    )  # fmt: skip
    return tuple(rating for rating in found if rating is not None)


def _loaded(run: AlignedRun, phases: Sequence[InsidePhase]) -> list[tuple[InsidePhase, float]]:
    lengths = {phase.window.name: phase.window.seconds for phase in run.load_phases}
    return [(phase, lengths[phase.phase]) for phase in phases if phase.phase in lengths]


def _growth(name: str, growth: int | None, warning: int, critical: int) -> Rating | None:
    if growth is None:
        return None
    word = "healthy" if growth < warning else "warning" if growth <= critical else "critical"
    line = f"warning from {size_text(warning)}, critical above {size_text(critical)}"
    return Rating(name, size_text(growth), word, line)


def _gc_time(share: float | None, thresholds: Thresholds) -> Rating | None:
    if share is None:
        return None
    warning, critical = thresholds.gc_time_warning, thresholds.gc_time_critical
    word = "healthy" if share < warning else "warning" if share <= critical else "critical"
    line = f"warning from {percent(warning)} of the load's time, critical above {percent(critical)}"
    return Rating("time in collections", percent(share), word, line)


def _gc_runs(
    run: AlignedRun, phases: Sequence[InsidePhase], thresholds: Thresholds
) -> Rating | None:
    """Full collections per minute of load; how many are too many depends on the service, so a line
    is drawn only where the scenario draws one.
    """
    loaded = [(p.gc_major, length) for p, length in _loaded(run, phases) if p.gc_major is not None]
    seconds = sum(length for _, length in loaded)
    if not seconds:
        return None
    per_minute = 60 * sum(runs for runs, _ in loaded) / seconds
    line = thresholds.gc_runs_warning
    word = "shown" if line is None else "warning" if per_minute >= line else "healthy"
    words = "no line is drawn" if line is None else f"warning from {line:g} per minute"
    return Rating("full collections", f"{per_minute:.1f} per minute", word, words)
