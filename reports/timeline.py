"""The series of the charts: seconds since the run's origin against MiB, users, rate, p95."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reports.aligning import AlignedRun
from reports.blindness import memory_series
from reports.decimation import Floats, decimate, with_gaps
from reports.findings import Findings, ProcessFigures
from reports.histogram import percentile
from reports.stacking import Layer, layers
from reports.units import MIB

MEASURE_NAMES = {"working_set": "working set", "pss": "PSS sum", "rss": "RSS sum"}
MARKED = {"oom_kill": "killed: out of memory", "target_restarted": "target restarted"}
MARKS_SHOWN = 20
MARKERS_SHOWN = 400
CLOSE = 3.0
"""A limit further above the memory than that would press the line to the bottom."""

BESIDE = {
    "working_set": (("cgroup usage", "cgroup_usage"), ("PSS sum", "pss"), ("RSS sum", "rss")),
    "pss": (("RSS sum", "rss"),),
}

INSIDE_LINES = (("V8 heap in use", "heap_used"), ("V8 external", "heap_external"))


@dataclass(frozen=True, slots=True)
class Series:
    """One line: x in seconds since the origin, y in the unit that its name says."""

    name: str
    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True)
class Band:
    """One phase as a shaded band, in seconds since the origin."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, in words, at a second since the origin."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Marker:
    """A process that went away, at a second since the origin and a height in MiB.

    `kind`: planned, unplanned or oom.
    """

    at: float
    mib: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A level in MiB: the limit itself, or a line below it."""

    name: str
    mib: float
    is_limit: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the charts draw."""

    memory: tuple[Series, ...]
    users: Series
    rate: Series
    failures: Series
    p95: Series
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    markers: tuple[Marker, ...]
    limits: tuple[LimitLine, ...]
    layers: tuple[Layer, ...] = ()


def timeline(run: AlignedRun, findings: Findings) -> Timeline:
    """The decimated series; gaps are NaN, never 0. Limits are drawn where they are close."""
    memory = _memory(run)
    seconds = run.data.statistics.seconds
    highest = max((float(np.nanmax(s.y)) for s in memory if np.isfinite(s.y).any()), default=0.0)
    return Timeline(
        memory=memory,
        users=_users(run),
        rate=_per_second(run, "requests/s", [s.requests / s.seconds for s in seconds]),
        failures=_per_second(run, "failures/s", [s.failures / s.seconds for s in seconds]),
        p95=_per_second(
            run,
            "p95 (ms)",
            [
                percentile(s.response_times, 0.95) or float("nan")
                for s in run.data.statistics.seconds
            ],
        ),
        bands=tuple(
            Band(p.window.name, p.window.start - run.origin, p.window.end - run.origin)
            for p in run.phases
        ),
        marks=tuple(
            Mark(event.time - run.origin, MARKED[event.name])
            for event in run.data.events
            if event.name in MARKED
        )[:MARKS_SHOWN],
        markers=_markers(run, findings.processes),
        limits=tuple(line for line in _limits(findings) if highest and line.mib <= CLOSE * highest),
        layers=layers(run),
    )


def _limits(findings: Findings) -> tuple[LimitLine, ...]:
    found = []
    if findings.limit_bytes is not None:
        limit = findings.limit_bytes / MIB
        found += [LimitLine("limit", limit, True), LimitLine("80 % of it", 0.8 * limit, False)]
    for gate in findings.gates:
        if gate.rule == "peak_mib" and isinstance(gate.limit, float):
            found.append(LimitLine("gate peak_mib", gate.limit / MIB, False))
    return tuple(found)


def _markers(run: AlignedRun, processes: tuple[ProcessFigures, ...]) -> tuple[Marker, ...]:
    """Exits while the run went on, at the height of the memory then."""
    frame = run.data.memory
    known = memory_series(run, frame).notna()
    times = frame["time"][known].to_numpy(dtype=float) - run.origin
    values = memory_series(run, frame)[known].to_numpy(dtype=float) / MIB
    if not len(times):
        return ()
    return tuple(
        Marker(
            process.died,
            float(np.interp(process.died, times, values)),
            _kind(process),
            f"{process.pid} {process.role}: {process.departure or 'gone'}",
        )
        for process in processes
        if process.died is not None and process.died <= times[-1]
    )[:MARKERS_SHOWN]


def _kind(process: ProcessFigures) -> str:
    if "out of memory" in process.departure:
        return "oom"
    return "planned" if process.planned else "unplanned"


def memory_words(timeline: Timeline) -> str:
    """What the memory chart shows, in one sentence, for who cannot see it."""
    first = timeline.memory[0]
    known = np.isfinite(first.y)
    if not known.any():
        return "No memory was measured."
    x, y = first.x[known], first.y[known]
    top = int(y.argmax())
    phase = next((b.name for b in timeline.bands if b.start <= x[top] < b.end), "the run")
    text = (
        f"{first.name}: from {y[0]:,.0f} at the start to {y.max():,.0f} at {x[top]:,.0f} s, in"
        f" {phase}, and {y[-1]:,.0f} at the end."
    )
    limit = next((line for line in timeline.limits if line.is_limit), None)
    if limit is not None:
        over = "goes over" if y.max() > limit.mib else "stays under"
        text += f" It {over} the limit of {limit.mib:,.0f} MiB."
    if timeline.markers:
        text += f" {len(timeline.markers)} process(es) went away in the run."
    return text


def _memory(run: AlignedRun) -> tuple[Series, ...]:
    frame = run.data.memory
    main = MEASURE_NAMES[run.measure or "rss"]
    if run.data.targets:
        return (_line(run, f"all, {main} (MiB)", frame["time"], memory_series(run, frame) / MIB),)
    lines = [_line(run, f"{main} (MiB)", frame["time"], memory_series(run, frame) / MIB)]
    for name, column in BESIDE.get(run.measure or "rss", ()):
        if frame[column].notna().any():
            lines.append(_line(run, f"{name} (MiB)", frame["time"], frame[column] / MIB))
    inside = run.data.inside
    for name, column in INSIDE_LINES:
        if column in inside and inside[column].notna().any():
            x = inside["time"].to_numpy(dtype=float) - run.origin
            y = inside[column].to_numpy(dtype=float) / MIB
            lines.append(Series(f"{name} (MiB)", *decimate(x, y)))
    return tuple(lines)


def _line(run: AlignedRun, name: str, times: Any, values: Any) -> Series:
    x: Floats = times.to_numpy(dtype=float) - run.origin
    patience = max(1.0, 5 * (run.interval_seconds or 0.1))
    x, y = with_gaps(x, values.to_numpy(dtype=float), patience)
    return Series(name, *decimate(x, y))


def _users(run: AlignedRun) -> Series:
    seconds = [s for s in run.data.statistics.seconds if s.users is not None]
    if seconds:
        x = np.array([s.time - run.origin for s in seconds])
        y = np.array([float(s.users or 0) for s in seconds])
    else:
        known = run.data.memory.dropna(subset=["users"])
        x = known["time"].to_numpy(dtype=float) - run.origin
        y = known["users"].to_numpy(dtype=float)
    return Series("users", *decimate(x, y))


def _per_second(run: AlignedRun, name: str, values: list[float]) -> Series:
    x = np.array([s.time - run.origin for s in run.data.statistics.seconds], dtype=float)
    return Series(name, *decimate(x, np.array(values, dtype=float)))
