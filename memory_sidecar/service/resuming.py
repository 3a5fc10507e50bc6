"""A run that another sidecar began goes on: in its clock, and perhaps with another target."""

from __future__ import annotations

import time

import psutil

from memory_sidecar.recorder import Recorder
from rundir import RunClock, RunDirectory, read_events

SAME_CLOCK_SECONDS = 60.0
SAME_BIRTH_SECONDS = 1.0


def clock_of(directory: RunDirectory) -> RunClock | None:
    """The clock that an earlier sidecar began this run with; None where it is another boot's."""
    if not directory.events.is_file():
        return None
    events, _ = read_events(directory.events)
    first = next((event for event in events if event.name == "sidecar_started"), None)
    if first is None:
        return None
    clock = RunClock(first.time, first.monotonic)
    return clock if abs(clock.now() - time.time()) < SAME_CLOCK_SECONDS else None


def tell_restart(directory: RunDirectory, pid: int, recorder: Recorder) -> None:
    """Note where the target is not the process that the earlier sidecar watched last.

    In a container both went together, and both have the pids that they had before.
    """
    events, _ = read_events(directory.events)
    roots = [e for e in events if e.name == "process_started" and e.fields.get("role") == "root"]
    if not roots:
        return
    old, born = roots[-1].fields.get("pid"), roots[-1].fields.get("create_time")
    try:
        now_born = psutil.Process(pid).create_time()
    except psutil.Error:
        return
    if old != pid or abs(now_born - float(born or 0.0)) > SAME_BIRTH_SECONDS:
        recorder.event("target_restarted", old_pid=old, pid=pid, seconds=None, unseen=True)
