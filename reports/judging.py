"""From an aligned run to its verdicts, in the order in which they need each other."""

from __future__ import annotations

from dataclasses import dataclass

from reports.aligning import AlignedRun
from reports.ending import Ending
from reports.findings import (
    Fit,
    MemoryVerdict,
    PhaseFigures,
    ProcessFigures,
    Recovery,
    Scaling,
)
from reports.tracing import trace_of
from reports.verdicts.doubts import doubts
from reports.verdicts.fit import fit
from reports.verdicts.memory import memory_verdict
from reports.verdicts.recovery import recovery
from reports.verdicts.scaling import scaling
from reports.verdicts.thresholds import Thresholds
from reports.verdicts.trace import Trace


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one run shows, before any size is drawn from it."""

    trace: Trace
    fit: Fit
    memory: MemoryVerdict
    recovery: Recovery
    scaling: Scaling


def judge(
    run: AlignedRun,
    ending: Ending,
    phases: tuple[PhaseFigures, ...],
    processes: tuple[ProcessFigures, ...],
    thresholds: Thresholds,
) -> Judgement:
    """Doubts first: what must not be judged is not."""
    unfit = doubts(run, phases, thresholds)
    fitting = fit(run, ending, phases, unfit, thresholds)
    trace = trace_of(run, processes, fitting.limit_bytes)
    back = recovery(trace, thresholds)
    memory = memory_verdict(trace, back, unfit, thresholds)
    return Judgement(trace, fitting, memory, back, scaling(trace, memory))
