"""The upper end of a phase's peak: from the kernel's marks where they were set back in time."""

from __future__ import annotations

from dataclasses import dataclass

from reports.aligning import AlignedPhase, AlignedRun
from reports.blindness import memory_series
from reports.marks import complete_sum, lone_mark, risen_group_mark

SAMPLED = "samples"
CGROUP = "cgroup peak"
ONE_MARK = "high-water mark"
SUM_OF_MARKS = "sum of high-water marks"
CGROUP_SINCE_START = f"{CGROUP} since start"
ONE_MARK_SINCE_START = f"{ONE_MARK} since start"
SUM_OF_MARKS_SINCE_START = f"{SUM_OF_MARKS} since start"
SINCE_START = {
    CGROUP: CGROUP_SINCE_START,
    ONE_MARK: ONE_MARK_SINCE_START,
    SUM_OF_MARKS: SUM_OF_MARKS_SINCE_START,
}
RESIDENT = (ONE_MARK, SUM_OF_MARKS, ONE_MARK_SINCE_START, SUM_OF_MARKS_SINCE_START)
"""Sources that are marks of processes, so of resident memory alone."""


@dataclass(frozen=True, slots=True)
class PhasePeak:
    """Bytes, and which of the sources above they come from."""

    high: int
    source: str


def phase_peak(run: AlignedRun, phase: AlignedPhase, max_sampled: int) -> PhasePeak:
    """The largest of the windows between two samples; never below the largest sample.

    Where marks could not be set back, the best that those since start tell.
    """
    exact, source = _windows(run, phase), _exact_source(run, phase)
    if exact is not None and not _is_since_start(phase, source):
        return PhasePeak(max(exact, max_sampled), source)
    since_start = _from_old_marks(run, phase, max_sampled)
    if exact is not None:
        best = max(exact, max_sampled, since_start.high if since_start else 0)
        return PhasePeak(best, SINCE_START[source])
    return since_start or PhasePeak(max_sampled, SAMPLED)


def highest(run: AlignedRun, phase: AlignedPhase) -> int | None:
    """The upper end of a phase's peak, bytes; None without a readable sample."""
    values = memory_series(run, phase.memory).dropna()
    return phase_peak(run, phase, int(values.max())).high if len(values) else None


def _windows(run: AlignedRun, phase: AlignedPhase) -> int | None:
    """The highest window in bytes; None where under half of the readable ticks have one."""
    known = phase.memory["peak"].dropna()
    readable = int(memory_series(run, phase.memory).notna().sum())
    if not len(known) or len(known) < readable / 2:
        return None
    return max(int(known.max()), phase.window.peak_high or 0)


def _exact_source(run: AlignedRun, phase: AlignedPhase) -> str:
    """A group without a peak of its own (Linux before 5.19) leaves the processes' marks."""
    if run.measure == "working_set" and phase.memory["cgroup_peak"].notna().any():
        return CGROUP
    return SUM_OF_MARKS if phase.had_several_processes else ONE_MARK


def _is_since_start(phase: AlignedPhase, source: str) -> bool:
    window = phase.window
    return bool(window.cgroup_since_start if source == CGROUP else window.since_start)


def _from_old_marks(run: AlignedRun, phase: AlignedPhase, max_sampled: int) -> PhasePeak | None:
    """The first of the marks, best first, that is known and at least the largest sample."""
    # A run without the field is an older writer's, which set no mark back.
    were_set_back = phase.window.since_start is False
    found = (
        (risen_group_mark(run, phase), CGROUP_SINCE_START),
        (lone_mark(run, phase), ONE_MARK if were_set_back else ONE_MARK_SINCE_START),
        (complete_sum(run, phase), SUM_OF_MARKS if were_set_back else SUM_OF_MARKS_SINCE_START),
    )
    for high, source in found:
        if high is not None and high >= max_sampled:
            return PhasePeak(high, source)
    return None
