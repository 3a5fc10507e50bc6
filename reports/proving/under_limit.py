"""Whether the target survived its hard limit, and whether it crawled there."""

from __future__ import annotations

from reports.aligning import AlignedRun
from reports.findings import Pressure, ProcessFigures, UnderLimit
from reports.units import percent, size_text
from rundir import Event

CRAWLS_SHARE = 0.05
"""Of the load's time in which some task waited for memory: who waits so much is not fitting in."""

TOLD = 10
LEAST_READ_AGAIN = 0.1 * 2**20
"""Bytes per second of dropped file pages; less is not worth a word."""


def under_limit(
    run: AlignedRun, processes: tuple[ProcessFigures, ...], pressure: Pressure
) -> UnderLimit | None:
    """None for a run without a hard limit."""
    info = run.data.info
    if info.limit_enforced_bytes is None:
        return None
    happened = happenings(run, processes)
    return UnderLimit(
        info.limit_enforced_bytes,
        info.limit_way or "unknown",
        info.limit_counts,
        not happened,
        happened,
        pressure.some is not None and pressure.some > CRAWLS_SHARE,
    )


def happenings(run: AlignedRun, processes: tuple[ProcessFigures, ...]) -> tuple[str, ...]:
    """What a target that fits does not do: be killed, die, lose a worker; with the second."""
    kills, killed = [], set[int]()
    for event in run.data.events:
        if event.name == "oom_kill" and (not _pids(event) or set(_pids(event)) - killed):
            kills.append((event.time - run.origin, f"{_killed(event)} killed for lack of memory"))
            killed |= set(_pids(event))
    exits = [
        (process.died, f"pid {process.pid} ({process.role}) exited: {process.departure}")
        for process in processes
        if process.died is not None
        and process.planned is False
        and process.pid not in killed
        and "out of memory" not in process.departure
    ]
    restarts = [
        (event.time - run.origin, f"the target was restarted as pid {event.fields.get('pid')}")
        for event in run.data.events
        if event.name == "target_restarted"
    ]
    found = sorted([*kills, *exits, *restarts])
    told = [f"at {at:.1f} s {what}" for at, what in found[:TOLD]]
    more = len(found) - TOLD
    return (*told, *((f"and {more} more",) if more > 0 else ()))


def _pids(event: Event) -> list[int]:
    pids = event.fields.get("pids")
    return [pid for pid in pids if isinstance(pid, int)] if isinstance(pids, list) else []


def _killed(event: Event) -> str:
    pids = _pids(event)
    if pids:
        return f"pid {', '.join(map(str, pids))} was" if len(pids) == 1 else f"pids {pids} were"
    count = event.fields.get("count")
    return "a process was" if count in (None, 1) else f"{count} processes were"


def pressure_words(pressure: Pressure) -> str:
    """How much it waited, in words."""
    if pressure.some is None:
        return "memory stalls are not measured here"
    text = f"waited for memory {percent(pressure.some)} of the load's time"
    read_again = 4096 * (pressure.refaults_per_second or 0.0)
    if read_again >= LEAST_READ_AGAIN:
        text += f", {size_text(read_again)}/s read again"
    return text
