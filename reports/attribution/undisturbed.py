"""The run without what was no request's doing: pages of files, and the moments of our own look.

A group's working set counts the pages of files that were used twice. Which are is decided by
whoever reads them, in any group: when the reports start in mid-run to say which tiers stand out,
they map the libraries that a Python target on the same machine has mapped, and its working set was
seen to rise by 7.6 MiB while its anonymous memory did not move. For as long as they run, its PSS is
lower by its share in these pages. Requests keep anonymous and shared memory, and the kernel's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from reports.aligning import AlignedPhase, AlignedRun, between
from reports.attribution.parts import planned_of
from reports.blindness import memory_series
from reports.verdicts.trace import Trace


def undisturbed(run: AlignedRun, trace: Trace) -> tuple[AlignedRun, Trace]:
    """The same run and trace, the memory as if pages of files had stayed as they were first."""
    own = _without_file_pages(_without_delays(run))
    frame = own.data.memory
    time = np.asarray(frame["time"], dtype=np.float64) - own.origin
    memory = np.asarray(memory_series(own, frame), dtype=np.float64)
    return own, replace(trace, time=time, memory=memory)


def _without_delays(run: AlignedRun) -> AlignedRun:
    """Rests end when they were planned to: what made one longer is that the reports were asked."""
    phases = tuple(_as_planned(run, phase) for phase in run.phases)
    frame = run.data.memory
    kept = np.ones(len(frame), dtype=bool)
    for phase, cut in zip(run.phases, phases, strict=True):
        beyond = (frame["time"] >= cut.window.end) & (frame["time"] < phase.window.end)
        kept &= ~np.asarray(beyond, dtype=bool)
    return replace(run, phases=phases, data=replace(run.data, memory=frame[kept]))


def _as_planned(run: AlignedRun, phase: AlignedPhase) -> AlignedPhase:
    planned = planned_of(run, phase)
    if planned is None or planned.seconds is None or phase.users != 0:
        return phase
    window = replace(phase.window, end=min(phase.window.end, phase.window.start + planned.seconds))
    return replace(phase, window=window, memory=between(phase.memory, window))


def _without_file_pages(run: AlignedRun) -> AlignedRun:
    if run.measure != "working_set" or not run.phases:
        return run
    frame = run.data.memory
    shift = _shift(frame, run.phases[0])
    moved = frame.assign(
        working_set=frame["working_set"] - shift,
        # Marks of processes count resident pages of files, used twice or not.
        peak=frame["peak"] - shift.where(frame["cgroup_peak"].notna(), 0.0),
    )
    phases = tuple(_moved(phase, moved, shift) for phase in run.phases)
    return replace(run, phases=phases, data=replace(run.data, memory=moved))


def _shift(frame: pd.DataFrame, first: AlignedPhase) -> pd.Series[float]:
    """Bytes of file pages used twice, above those of the first phase, at each sample."""
    before = float(_used_twice(first.memory).median())
    shift: pd.Series[float] = (_used_twice(frame) - before).ffill().fillna(0.0)
    return shift


def _used_twice(frame: pd.DataFrame) -> pd.Series[float]:
    inactive = frame["cgroup_usage"] - frame["working_set"]
    active: pd.Series[float] = frame["cgroup_file"] - frame["cgroup_shmem"].fillna(0.0) - inactive
    return active


def _moved(phase: AlignedPhase, frame: pd.DataFrame, shift: pd.Series[float]) -> AlignedPhase:
    window, memory = phase.window, between(frame, phase.window)
    if window.cgroup_peak is not None and window.peak_high is not None and len(memory):
        # The mark of the phase's end belongs to its last sample.
        window = replace(window, peak_high=window.peak_high - round(shift[memory.index[-1]]))
    return replace(phase, window=window, memory=memory)
