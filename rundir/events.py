"""events.jsonl: what happened, one JSON object a line, from any of the run's processes.

Names in use, with the fields beside `name`, `time` and `monotonic`:

    run_started        run directory opened by the harness or a lone sidecar
    phase_started      phase, index, seconds (planned; null by hand), users
    phase_ended        phase, index, peaks: {pid: high-water mark of the phase, bytes},
                       peak_high (upper end of the deciding figure), cgroup_peak (usage), bytes;
                       since_start, cgroup_since_start: true where a mark could not be set back
    process_started    pid, create_time, role, command
    process_exited     pid, create_time, role, planned (true, false, null), exit_code, signal,
                       cause: recycled, exit, signal, oom_kill, stopped_by_us, unknown
    oom_kill           pids (as far as known), count, group
    target_lost        pid, reason: the root process is gone and was not stopped by us
    target_restarted   old_pid, pid, seconds: it was found again under another pid; unseen: true
                       where its sidecar had gone with it
    read_denied        pids, what, reason
    alert              level (80 or 90), used_bytes, limit_bytes, limit_source, measure
    sidecar_started    pid, interval, sources, cgroup: {path, version, counts}, cannot_see
    sidecar_stopped    ticks, late_ticks, missed_ticks, cpu_seconds, seconds, seconds_by_source,
                       pss_period_seconds, rss_bytes (its own)
    sidecar_gap        seconds (null: not known yet), reason
    sidecar_restarted  seconds (blind), attempt
    disk_refused       file, reason, waiting_rows
    generator_saturated  cpu_percent
    load_stopped       reason: error_rate or memory; value, limit (shares), seconds: the stop switch
                       ended the load, the cooldown follows
    part_stopped       phase, and the same fields: the stop switch ended a part that is asked alone
    worker_lost        worker, left: a Locust worker fell silent or left; so many carry the load on
    worker_joined      worker, left: one came in mid-run
    inside_attached    pid, source, detail: a process answers questions about itself
    inside_refused     pid, source, reason
    inside_look        moment, pid, source and what was found between two phases: types (type,
                       count, size_bytes), large, objects, explained_bytes, complete, collector,
                       heap, traced
    inside_retention   source, processes, members, measure, before_bytes, garbage_bytes,
                       slack_bytes: what the target gave back when it was asked, at the very end
    heap_snapshot      moment, pid, file, size_bytes, seconds
    inside_detached    pids: nothing of ours is left in them
    clock_offset       sidecar, offset_seconds (its clock is behind by so much), monotonic_offset,
                       uncertainty_seconds, round_trips: times of its files are corrected by it
    connection_lost    sidecar, reason: a remote sidecar does not answer; it goes on measuring
    connection_back    sidecar, seconds
    pull_incomplete    target, reason, command: samples that are still where the sidecar is
    generator_lost     reason: Locust went away without ending the run
    run_ended          reason: completed, interrupted, target_lost, generator_lost,
                       load_stopped, failed

An event that a remote sidecar wrote carries `target`, its name.
"""

from __future__ import annotations

import json
import os
import time as clock
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rundir.clock import RunClock


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: its name, UTC epoch seconds, monotonic seconds, and its fields."""

    name: str
    time: float
    monotonic: float
    fields: dict[str, Any] = field(default_factory=dict)


class EventLog:
    """Appends events; several processes may hold one open on the same file.

    Each event is one write to a descriptor opened with O_APPEND, so lines do not mix.
    """

    def __init__(self, path: Path, clock: RunClock | None = None) -> None:
        """Open it. Processes that share `clock` agree on the time, whatever is done to it."""
        self._clock = clock or RunClock.start()
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)

    def append(
        self, name: str, *, time: float | None = None, monotonic: float | None = None, **more: Any
    ) -> Event:
        """Write one event, now unless a time is given. Raises OSError when the disk refuses."""
        event = Event(
            name,
            self._clock.now() if time is None else time,
            clock.monotonic() if monotonic is None else monotonic,
            more,
        )
        line = (
            json.dumps(
                {"name": event.name, "time": event.time, "monotonic": event.monotonic, **more}
            )
            + "\n"
        ).encode()
        if self._ends_torn():
            line = b"\n" + line
        os.write(self._fd, line)
        return event

    def _ends_torn(self) -> bool:
        size = os.fstat(self._fd).st_size
        return size > 0 and os.pread(self._fd, 1, size - 1) != b"\n"

    def close(self) -> None:
        os.close(self._fd)


def read_events(path: Path) -> tuple[list[Event], int]:
    """The events in file order, and how many lines were torn and left out.

    Raises FileNotFoundError where there is no such file.
    """
    events: list[Event] = []
    torn = 0
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            name, time, monotonic = entry.pop("name"), entry.pop("time"), entry.pop("monotonic")
            events.append(Event(str(name), float(time), float(monotonic), entry))
        except (ValueError, KeyError, TypeError, AttributeError):
            torn += 1
    return events, torn
