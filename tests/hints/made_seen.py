"""What a hint sees of the made run, with parts of the findings put in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from reports.aligning import AlignedRun
from reports.assemble import assemble
from reports.findings import EndpointFigures, Findings
from reports.hints.commands import Commands
from reports.hints.seen import Seen
from reports.inside.findings import Inside, InsidePhase
from reports.loading import load
from reports.tracing import trace_of
from reports.verdicts.trace import Stage, Trace
from tests.reports.made_run import START as BEGIN
from tests.reports.made_run import MadeRun

MIB = 1024 * 1024
KIB = 1024
COMMANDS = Commands("runs/r", "SCENARIO=my.toml", "", "")
START = "TARGET='the command that starts it'"
FOUND = Commands(
    "runs/r", "SCENARIO=my.toml", "PORT=8000", START, is_started=False, can_repeat=False
)
"""Of a service that ran already."""

PYTHON = Inside(("probe",), 1)
NODE = Inside(("node",), 1)


def seen_of(made: MadeRun, **parts: Any) -> Seen:
    """The made run (100 MiB, a load of 30 s up to 210, then 130), its findings with `parts`."""
    run, findings = assembled(made)
    trace = trace_of(run, findings.processes, findings.limit_bytes)
    return Seen(replace(findings, **parts), run, trace, COMMANDS)


def assembled(made: MadeRun) -> tuple[AlignedRun, Findings]:
    """Written and read again."""
    return assemble(load(made.write().path), BEGIN + 1000)


def endpoint(name: str, requests: int = 600, **figures: Any) -> EndpointFigures:
    """One of the table, with what attribution filled in."""
    return EndpointFigures("GET", name, "heavy", requests, 0, 10.0, 20.0, 30.0, **figures)


def toothed(height_bytes: float, seconds: float = 6.0) -> Trace:
    """A minute under load at 10 requests/s: from 100 MiB up and down again every `seconds`."""
    time = np.arange(0, 60, 0.1)
    memory = 100 * MIB + height_bytes * ((time % seconds) / seconds)
    stages = (Stage("load", 0.0, 60.0, 0.0, 10, True),)
    return Trace(time, memory, np.arange(0.0, 61.0), 10 * np.arange(0.0, 61.0), stages)


def collections(count: float) -> InsidePhase:
    """So many full ones during the load."""
    none: dict[str, Any] = dict.fromkeys(
        ("heap_used_mean", "heap_used_max", "external_mean", "malloc_free_mean", "gc_minor",
         "gc_seconds", "gc_share", "gc_longest", "loop_delay")
    )  # fmt: skip
    return InsidePhase(phase="load", gc_major=count, **none)


def named(made: MadeRun, *command: str) -> MadeRun:
    """With another program as the target."""
    return made.but(
        run={"target": {"found_by": "command", "command": list(command)}},
        process=lambda row: replace(row, name=Path(command[0]).name),
    )


def made_at(path: Path, **run: Any) -> MadeRun:
    """With more keys in run.json."""
    return MadeRun(path / "run", run=run)
