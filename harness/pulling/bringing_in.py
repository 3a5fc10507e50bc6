"""Pulled files -> the run directory: one target as if it had been measured here, several beside.

It can be done again when more has been pulled: what a sidecar told is known by its `target`.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.pulling.correcting import (
    Correction,
    as_line,
    correct_table,
    corrected_events,
    correction_of,
)
from harness.pulling.phases import PHASES, with_peaks, with_sums
from harness.pulling.summing import sum_tables
from rundir import PROCESS_COLUMNS, Event, RunDirectory, read_events
from rundir.layout import write_lines

OF_THE_GENERATOR = ("run_started", "run_ended", "generator_lost")
OF_ONE_TARGET = ("inside_look", "inside_retention", "heap_snapshot")
"""What is told of one target's processes does not hold for the sum."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """One target's files as they came, and how its clock is set; events in the run's clock."""

    name: str
    raw: RunDirectory
    correction: Correction
    events: tuple[Event, ...]


def bring_in(directory: RunDirectory, names: Sequence[str], hosts_bytes: int | None) -> None:
    """Write tables and events of the run from what was pulled of `names`. Raises OSError."""
    own = [e for e in read_events(directory.events)[0] if "target" not in e.fields]
    origin = next((e.time for e in own if e.name == "run_started"), own[0].time if own else 0.0)
    pulled = [_pulled(directory, name, own) for name in names]
    if len(pulled) == 1:
        _one(directory, pulled[0], own, origin)
    else:
        _several(directory, pulled, own, origin, hosts_bytes)


def forget_pulled(directory: RunDirectory, names: Sequence[str]) -> None:
    """Everything has been brought in: the files as they came are no longer needed."""
    for name in names:
        shutil.rmtree(directory.pulled(name).path, ignore_errors=True)
    if not any(directory.pulled("x").path.parent.glob("*")):
        shutil.rmtree(directory.pulled("x").path.parent, ignore_errors=True)


def _pulled(directory: RunDirectory, name: str, own: Sequence[Event]) -> Pulled:
    raw, correction = directory.pulled(name), correction_of(own, name)
    events = corrected_events(raw.events, correction)
    if any(event.name == "run_ended" for event in own):
        # The sidecar may have thought otherwise while it was cut off.
        events = [event for event in events if event.name not in OF_THE_GENERATOR]
    return Pulled(name, raw, correction, tuple(events))


def _one(directory: RunDirectory, one: Pulled, own: Sequence[Event], origin: float) -> None:
    _tables(one, directory, origin)
    told = (_of(one.name, event) for event in one.events if event.name not in PHASES)
    _write_events(directory, [*with_peaks(own, one.events), *told])


def _several(
    directory: RunDirectory,
    pulled: Sequence[Pulled],
    own: Sequence[Event],
    origin: float,
    hosts_bytes: int | None,
) -> None:
    for one in pulled:
        place = directory.target(one.name)
        place.path.mkdir(parents=True, exist_ok=True)
        _tables(one, place, origin)
        shared = [e for e in own if e.fields.get("sidecar", one.name) == one.name]
        told = [event for event in one.events if event.name not in PHASES]
        _write_events(place, [*with_peaks(shared, one.events), *told])
    tables = [directory.target(one.name).memory_samples for one in pulled]
    sum_tables(tables, own, directory.memory_samples, origin, hosts_bytes)
    _join_processes(directory, [one.name for one in pulled])
    told = [
        _of(one.name, event)
        for one in pulled
        for event in one.events
        if event.name not in (*PHASES, *OF_ONE_TARGET)
    ]
    _write_events(directory, [*with_sums(own, [one.events for one in pulled]), *told])


def _tables(one: Pulled, place: RunDirectory, origin: float) -> None:
    for raw in one.raw.sidecar_files:
        to = place.sidecar_file(raw.name)
        if to is None or raw == one.raw.events:
            continue
        if raw.suffix == ".csv":
            correct_table(raw, to, one.correction, origin)
        else:
            shutil.copyfile(raw, to)


def _of(target: str, event: Event) -> Event:
    return replace(event, fields=event.fields | {"target": target})


def _write_events(place: RunDirectory, events: Iterable[Event]) -> None:
    write_lines(place.events, map(as_line, sorted(events, key=lambda event: event.time)))


def _join_processes(directory: RunDirectory, names: Sequence[str]) -> None:
    """All targets' processes in one table, each named after its target."""
    order = [column.name for column in PROCESS_COLUMNS]
    draft = directory.process_samples.with_suffix(".part")
    with draft.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, order, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for name in names:
            table = directory.target(name).process_samples
            if not table.is_file():
                continue
            with table.open(newline="", encoding="utf-8") as stream:
                writer.writerows(_named(name, row) for row in csv.DictReader(stream))
    draft.replace(directory.process_samples)


def _named(target: str, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"name": f"{target}: {row.get('name', '')}"}
