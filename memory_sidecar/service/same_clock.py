"""A run that another sidecar began goes on in the clock that it began with."""

from __future__ import annotations

import time

from rundir import RunClock, RunDirectory, read_events

SAME_CLOCK_SECONDS = 60.0


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
