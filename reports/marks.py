"""High-water marks that may count since start: a phase's peak where they rose within it."""

from __future__ import annotations

import pandas as pd

from reports.aligning import AlignedPhase, AlignedRun


def risen_group_mark(run: AlignedRun, phase: AlignedPhase) -> int | None:
    """The highest usage (bytes) to which the group's mark rose in the phase, less inactive file.

    Where the mark rises between two ticks, that usage was reached between them. None where it
    stood still: it then belongs to an earlier moment.
    """
    if run.measure != "working_set":
        return None
    frame = run.data.memory
    marks, inactive = frame["cgroup_peak"], frame["cgroup_usage"] - frame["working_set"]
    # The spike lies between two ticks: what was inactive at both was inactive then, at least.
    least = pd.concat([inactive, inactive.shift()], axis=1).min(axis=1).fillna(0)
    risen = (marks - least)[marks > marks.ffill().shift()].reindex(phase.memory.index).dropna()
    highs = [int(risen.max())] if len(risen) else []
    last, at_end = phase.memory["cgroup_peak"].dropna(), phase.window.cgroup_peak
    if at_end is not None and len(last) and at_end > last.iloc[-1]:
        highs.append(at_end - int(least[last.index[-1]]))
    return max(highs, default=None)


def lone_mark(run: AlignedRun, phase: AlignedPhase) -> int | None:
    """VmHWM (bytes) of a lone process: the phase's own, or where it rose inside the phase.

    None for several processes (the marks of a forked tree count shared pages once each) and
    where a mark since start stood still: it then belongs to an earlier moment.
    """
    rows = phase.processes[["pid", "peak"]].dropna()
    pids = set(rows["pid"].astype(int)) | {pid for pid, _ in phase.window.peak_bytes}
    if len(pids) != 1 or phase.had_several_processes:
        return None
    (pid,) = pids
    marks = [int(peak) for peak in rows["peak"]]
    marks += [peak for owner, peak in phase.window.peak_bytes if owner == pid]
    if phase.window.since_start is False:
        return max(marks)
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


def complete_sum(run: AlignedRun, phase: AlignedPhase) -> int | None:
    """The highest sum (bytes) of the marks of several processes, less what they share.

    Only ticks at which all of them have a mark count; those of processes that live one after the
    other are never added. Where marks count since start, None unless their sum rose.
    """
    sums = _sums(run.data.processes, run.data.memory)
    here = sums[(sums.index >= phase.window.start) & (sums.index < phase.window.end)]
    if not len(here) or not phase.had_several_processes:
        return None
    before = sums[sums.index < phase.window.start]
    first = before.iloc[-1] if len(before) else here.iloc[0]
    if phase.window.since_start is not False and not here.max() > first:
        return None
    shared = (phase.memory["rss"] - phase.memory["pss"]).min() if run.measure != "rss" else 0.0
    return int(here.max() - (0.0 if pd.isna(shared) else max(0.0, shared)))


def _sums(processes: pd.DataFrame, memory: pd.DataFrame) -> pd.Series[float]:
    """Sum of the marks at each tick that has a row for each process of the sample."""
    marks = processes.groupby("time")["peak"].agg(["sum", "count"])
    living = memory.drop_duplicates("time").set_index("time")["processes"].reindex(marks.index)
    return marks["sum"][marks["count"] >= living]
