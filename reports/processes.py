"""One row per process of the target."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.aligning import AlignedRun
from reports.departures import departure_text
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
    return tuple(
        _row(run, key, samples.get(key), started.get(key), exited.get(key)) for key in identities
    )


def exit_caveats(processes: tuple[ProcessFigures, ...]) -> tuple[str, ...]:
    """How many processes went away that nobody had asked to."""
    recycled = sum(process.departure.startswith("recycled") for process in processes)
    planned = (f"{recycled} worker(s) were recycled as planned.",) if recycled else ()
    unplanned = [process for process in processes if process.planned is False]
    if not unplanned:
        return planned
    told = "; ".join(f"pid {process.pid}: {process.departure}" for process in unplanned[:10])
    return (*planned, f"{len(unplanned)} process(es) of the target exited unplanned ({told}).")


def _by_identity(events: tuple[Event, ...], name: str) -> dict[Identity, Event]:
    found: dict[Identity, Event] = {}
    for event in events:
        pid, created = event.fields.get("pid"), event.fields.get("create_time")
        if event.name == name and isinstance(pid, int) and isinstance(created, int | float):
            found[(pid, round(float(created), 2))] = event
    return found


def _known_to_the_parent(events: tuple[Event, ...]) -> dict[int, dict[str, Any]]:
    """Exit codes and signals that the harness saw as the parent; it knows pids only."""
    return {
        event.fields["pid"]: {
            key: event.fields[key]
            for key in ("exit_code", "signal", "planned")
            if event.fields.get(key) is not None
        }
        for event in events
        if event.name == "process_exited"
        and event.fields.get("create_time") is None
        and isinstance(event.fields.get("pid"), int)
    }


def _row(
    run: AlignedRun,
    key: Identity,
    samples: pd.DataFrame | None,
    started: Event | None,
    exited: Event | None,
) -> ProcessFigures:
    rss = [] if samples is None else [int(value) for value in samples["rss"].dropna()]
    marks = [] if samples is None else [int(value) for value in samples["peak"].dropna()]
    facts = {**(started.fields if started else {}), **(exited.fields if exited else {})}
    if exited and facts.get("exit_code") is None and facts.get("signal") is None:
        facts |= _known_to_the_parent(run.data.events).get(key[0], {})
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
