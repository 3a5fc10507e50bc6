"""One row per process of the target."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.aligning import AlignedRun
from reports.departures import RECYCLED, departure_text
from reports.findings import ProcessFigures
from rundir import Event

# create_time is written with 6 decimals in one file and in full in the other.
Identity = tuple[int, float]


def process_table(run: AlignedRun) -> tuple[ProcessFigures, ...]:
    """The processes in order of birth; a pid that was given out twice has two rows."""
    frame = run.data.processes.dropna(subset=["pid", "create_time"])
    samples = {
        (int(rows["pid"].iloc[0]), round(float(rows["create_time"].iloc[0]), 2)): rows
        for _, rows in frame.groupby(["pid", "create_time"], sort=False)
    }
    started = _by_identity(run.data.events, "process_started")
    exited = _by_identity(run.data.events, "process_exited")
    identities = sorted({*samples, *started, *exited}, key=lambda key: (key[1], key[0]))
    parents = _seen_by_parent(run.data.events, identities)
    return tuple(
        _row(run, key, samples.get(key), (exited.get(key), parents.get(key)), started.get(key))
        for key in identities
    )


def exit_caveats(processes: tuple[ProcessFigures, ...]) -> tuple[str, ...]:
    """How many were recycled, how many went away that nobody had asked to, or nobody knows why."""
    gone = [process for process in processes if process.died is not None]
    recycled = sum(process.departure.startswith(RECYCLED) for process in gone)
    unplanned = [process for process in gone if process.planned is False]
    unknown = sum(process.planned is None for process in gone)
    told = "; ".join(f"pid {process.pid}: {process.departure}" for process in unplanned[:10])
    counted = (
        (recycled, f"{recycled} worker(s) were recycled as planned."),
        (len(unplanned), f"{len(unplanned)} process(es) of the target exited unplanned ({told})."),
        (
            unknown,
            f"{unknown} process(es) of the target exited for an unknown cause; exit codes of"
            " processes that are not the suite's own can be read from Linux 6.15 on.",
        ),
    )
    return tuple(text for count, text in counted if count)


def _by_identity(events: tuple[Event, ...], name: str) -> dict[Identity, Event]:
    found: dict[Identity, Event] = {}
    for event in events:
        pid, created = event.fields.get("pid"), event.fields.get("create_time")
        if event.name == name and isinstance(pid, int) and isinstance(created, int | float):
            found[(pid, round(float(created), 2))] = event
    return found


def _seen_by_parent(events: tuple[Event, ...], identities: list[Identity]) -> dict[Identity, Event]:
    """Exits that the harness saw as the parent. It knows pids only: the youngest of a pid's."""
    youngest = {pid: (pid, created) for pid, created in identities}
    return {
        youngest[event.fields["pid"]]: event
        for event in events
        if event.name == "process_exited"
        and event.fields.get("create_time") is None
        and event.fields.get("pid") in youngest
    }


def _facts(*events: Event | None) -> dict[str, Any]:
    """The fields of all events; where two know the same one, the first is believed."""
    facts: dict[str, Any] = {}
    for event in filter(None, events):
        facts |= {k: v for k, v in event.fields.items() if facts.get(k) is None}
    return facts


def _row(
    run: AlignedRun,
    key: Identity,
    samples: pd.DataFrame | None,
    exits: tuple[Event | None, Event | None],
    started: Event | None,
) -> ProcessFigures:
    rss = [] if samples is None else [int(value) for value in samples["rss"].dropna()]
    marks = [] if samples is None else [int(value) for value in samples["peak"].dropna()]
    facts, exited = _facts(*exits, started), exits[0] or exits[1]
    name = facts.get("command") or ""
    role = facts.get("role") or ""
    if samples is not None and len(samples):
        name, role = str(samples["name"].iloc[-1]) or name, str(samples["role"].iloc[-1]) or role
    signal = facts.get("signal")
    return ProcessFigures(
        pid=key[0],
        role=str(role),
        name=" ".join(map(str, name)) if isinstance(name, list) else str(name),
        born=round(key[1] - run.origin, 3),
        died=round(exited.time - run.origin, 3) if exited else None,
        planned=facts.get("planned"),
        departure=departure_text(facts) if exited else "",
        exit_code=facts.get("exit_code"),
        signal=None if signal is None else str(signal),
        first_rss_bytes=rss[0] if rss else None,
        last_rss_bytes=rss[-1] if rss else None,
        peak_rss_bytes=max([*rss, *marks], default=None),
    )
