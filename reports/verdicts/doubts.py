"""What makes a run unfit to be judged: a generator at its limit, failures, samples that miss."""

from __future__ import annotations

from reports.aligning import AlignedRun
from reports.blindness import missing_fraction
from reports.findings import PhaseFigures
from reports.stopped import stop_doubt
from reports.units import percent
from reports.verdicts.thresholds import Thresholds

MISSING_FRACTION = 0.05
"""Of the ticks in a load phase: the report's own rule for `cannot tell`."""


def doubts(
    run: AlignedRun, phases: tuple[PhaseFigures, ...], thresholds: Thresholds
) -> tuple[str, ...]:
    """One sentence each; empty where the run can be judged."""
    found = []
    if run.data.info.traced:
        found.append("allocations were traced, which itself takes much memory and time")
    if any(event.name == "heap_snapshot" for event in run.data.events):
        found.append("heap snapshots between the phases left the process larger than the load did")
    if run.ended_before_mix:
        found.append("the run ended before the mix")
    elif not any(phase.is_load and phase.memory.max_sampled is not None for phase in phases):
        found.append("no memory was sampled under load")
    for phase in run.load_phases:
        missing = missing_fraction(run, phase)
        if missing is not None and missing > MISSING_FRACTION:
            found.append(
                f"{percent(missing)} of the ticks in phase {phase.window.name} are missing or"
                f" unreadable (more than {percent(MISSING_FRACTION)})"
            )
    if any(event.name == "generator_saturated" for event in run.data.events):
        found.append("the load generator was saturated: the load was less than planned")
    stopped = stop_doubt(run)
    if stopped is not None:
        found.append(stopped)
    failed = failed_fraction(phases)
    if failed is not None and failed > thresholds.failed_fraction:
        found.append(
            f"{percent(failed)} of the requests under load failed (more than"
            f" {percent(thresholds.failed_fraction)}): what a working service needs was not seen"
        )
    return tuple(found)


def failed_fraction(phases: tuple[PhaseFigures, ...]) -> float | None:
    """Failures per request over the load phases; None without requests."""
    load = [phase for phase in phases if phase.is_load and phase.requests]
    requests = sum(phase.requests or 0 for phase in load)
    return sum(phase.failures or 0 for phase in load) / requests if requests else None
