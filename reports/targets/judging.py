"""Each target judged as a run of its own, by the same judge, under the load that all share."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.aligning import align
from reports.ending import ending_of
from reports.findings import Fit, MemoryVerdict, PhaseFigures
from reports.judging import Judgement, judge
from reports.loading import RunData
from reports.phase_table import phase_table
from reports.processes import process_table
from reports.sizing.rule import RECOMMENDED_FACTOR
from reports.targets.findings import TargetFigures
from reports.units import percent
from reports.verdicts.fit import over_time
from reports.verdicts.leak import LEAK_PROBABILITY
from reports.verdicts.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class JudgedTarget:
    """One target's verdicts beside its figures."""

    figures: TargetFigures
    fit: Fit
    memory: MemoryVerdict


def judged_targets(
    data: RunData, thresholds: Thresholds, restart_seconds: float
) -> tuple[JudgedTarget, ...]:
    """In order of their names; empty where the run has one target."""
    found = [_judged(name, one, data, thresholds, restart_seconds) for name, one in data.targets]
    total = sum(one.figures.load_bytes or 0 for one in found)
    return tuple(
        replace(one, figures=replace(one.figures, share=_share(one.figures.load_bytes, total)))
        for one in found
    )


def _judged(
    name: str, one: RunData, data: RunData, thresholds: Thresholds, restart_seconds: float
) -> JudgedTarget:
    run = align(one)
    phases, processes = phase_table(run), process_table(run)
    judged = judge(run, ending_of(run), phases, processes, thresholds)
    memory = _sure_among(judged.memory, len(data.targets))
    fitting = over_time(judged.fit, memory, None, restart_seconds)
    return JudgedTarget(_figures(name, one, phases, judged, (fitting, memory)), fitting, memory)


def _sure_among(found: MemoryVerdict, targets: int) -> MemoryVerdict:
    """Each target is a chance to be fooled (Bonferroni)."""
    needed = 1 - (1 - LEAK_PROBABILITY) / targets
    if found.leak is None or (found.certainty or 0.0) >= needed:
        return found
    reason = (
        f"growth is likely ({percent(found.certainty)}), but among {targets} targets that is too"
        " little"
    )
    return replace(
        found,
        verdict="cannot_tell",
        leak=None,
        reasons=(reason, *found.reasons),
        would_decide="a longer load",
    )


def _figures(
    name: str,
    one: RunData,
    phases: tuple[PhaseFigures, ...],
    judged: Judgement,
    verdicts: tuple[Fit, MemoryVerdict],
) -> TargetFigures:
    fitting, memory = verdicts
    load = [phase for phase in phases if phase.is_load]
    first = next((index for index, phase in enumerate(phases) if phase.is_load), len(phases))
    idle = phases[first - 1].memory.mean if 0 < first < len(phases) else None
    peak = max((p.memory.peak_high for p in phases if p.memory.peak_high is not None), default=None)
    return TargetFigures(
        name=name,
        host=one.info.hostname,
        idle_bytes=idle,
        load_bytes=max((p.memory.mean for p in load if p.memory.mean is not None), default=None),
        peak_bytes=peak,
        growth_bytes=judged.recovery.growth_bytes,
        share=None,
        limit_bytes=fitting.limit_bytes,
        recommended_bytes=None if peak is None else int(RECOMMENDED_FACTOR * peak),
        fit=fitting.fit,
        fit_reasons=fitting.reasons,
        memory=memory.verdict,
        reasons=memory.reasons,
        leak_bytes_per_request=memory.leak.bytes_per_request if memory.leak else None,
        leak_ci95=memory.leak.bytes_per_request_ci95 if memory.leak else None,
        seconds_to_limit=memory.leak.seconds_to_limit if memory.leak else None,
    )


def _share(size: int | None, total: int) -> float | None:
    return None if size is None or not total else size / total
