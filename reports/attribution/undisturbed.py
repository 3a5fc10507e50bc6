"""The run without what was no request's doing: pages of files, and the moments of our own look.

When the reports start in mid-run to say which tiers stand out, they map the libraries that a Python
target on the same machine has mapped, too: pages of files move, in a working set as in PSS.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from reports.aligning import AlignedPhase, AlignedRun, between
from reports.attribution.parts import planned_of
from reports.blindness import memory_series
from reports.file_pages import file_pages_moved
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
    if run.measure is None or run.measure == "rss" or not run.phases:
        return run
    frame, shift = run.data.memory, file_pages_moved(run)
    # Marks of processes count resident pages of files, used twice or not; what is taken off them
    # for being shared moves with PSS.
    of_marks = shift if run.measure == "pss" else shift.where(frame["cgroup_peak"].notna(), 0.0)
    moved = frame.assign(
        **{run.measure: frame[run.measure] - shift, "peak": frame["peak"] - of_marks}
    )
    phases = tuple(_moved(run, phase, moved, shift) for phase in run.phases)
    return replace(run, phases=phases, data=replace(run.data, memory=moved))


def _moved(
    run: AlignedRun, phase: AlignedPhase, frame: pd.DataFrame, shift: pd.Series[float]
) -> AlignedPhase:
    window, memory = phase.window, between(frame, phase.window)
    counts_files = run.measure == "pss" or window.cgroup_peak is not None
    if counts_files and window.peak_high is not None and len(memory):
        # The mark of the phase's end belongs to its last sample.
        window = replace(window, peak_high=window.peak_high - round(shift[memory.index[-1]]))
    return replace(phase, window=window, memory=memory)
