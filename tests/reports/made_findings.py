"""Findings of made runs, and events that differ from the usual ones."""

from __future__ import annotations

from typing import Any

from reports.assemble import assemble
from reports.findings import Findings
from reports.loading import load
from tests.reports.made_run import START, MadeRun, event_list

Events = list[tuple[str, float, dict[str, Any]]]


def findings_of(made: MadeRun) -> Findings:
    """What the report finds in the run, once written."""
    return assemble(load(made.write().path), START + 1000)[1]


def changed(name: str, **fields: Any) -> Events:
    """The usual events, with more fields in all of that name."""
    return [(n, at, {**f, **fields} if n == name else f) for n, at, f in event_list()]


def with_events(*more: tuple[str, float, dict[str, Any]]) -> Events:
    """The usual events and some more, in order of time."""
    return sorted([*event_list(), *more], key=lambda event: event[1])
