"""The upper end of a phase's peak: from the kernel's marks where they were set back in time."""

from __future__ import annotations

from dataclasses import dataclass

from reports.aligning import AlignedPhase, AlignedRun

SAMPLED = "samples"
CGROUP = "cgroup peak"
CGROUP_SINCE_START = "cgroup peak since start"
ONE_MARK = "high-water mark"
ONE_MARK_SINCE_START = "high-water mark since start"
SUM_OF_MARKS = "sum of high-water marks"
EXACT = (CGROUP, ONE_MARK, SUM_OF_MARKS)


@dataclass(frozen=True, slots=True)
class PhasePeak:
    """Bytes, and which of the sources above they come from."""

    high: int
    source: str


def phase_peak(run: AlignedRun, phase: AlignedPhase, max_sampled: int) -> PhasePeak:
    """The largest of the windows between two samples; never below the largest sample."""
    exact = _windows(phase)
    if exact is not None:
        return PhasePeak(max(exact, max_sampled), _exact_source(run, phase))
    group = phase.window.cgroup_peak if run.measure == "working_set" else None
    if group is not None:
        return PhasePeak(max(group, max_sampled), CGROUP_SINCE_START)
    mark = _grown_high_water(run, phase)
    if mark is not None:
        return PhasePeak(max(mark, max_sampled), ONE_MARK_SINCE_START)
    return PhasePeak(max_sampled, SAMPLED)


def _windows(phase: AlignedPhase) -> int | None:
    """The highest window in bytes; None where under half of the ticks have one."""
    known = phase.memory["peak"].dropna()
    if len(known) < len(phase.memory) / 2 or not len(known):
        return None
    return max(int(known.max()), phase.window.peak_high or 0)


def _exact_source(run: AlignedRun, phase: AlignedPhase) -> str:
    if run.measure == "working_set":
        return CGROUP
    processes = phase.memory["processes"].dropna()
    return SUM_OF_MARKS if len(processes) and processes.max() > 1 else ONE_MARK


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
