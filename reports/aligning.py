"""Phases with their samples and requests, aligned on epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.loading import RunData
from reports.phase_windows import PhaseWindow, phase_windows
from reports.statistics import EntryCounts, PhaseCounts, Second

ATTRIBUTION = "attribution"
"""The plan in which tiers and endpoints are asked alone,"""

BASELINE, LOAD, COOLDOWN = "baseline", "load", "cooldown"
"""beside these phases of all of them."""

MEASURES = ("working_set", "pss", "rss")
"""What decides, best first: what the limit counts, shared pages once, shared pages many times."""


@dataclass(frozen=True, slots=True)
class AlignedPhase:
    """One phase: its window, its samples, and its requests; `isolated`: of one part of the load.

    `entries` are the exact counts of the phase, None where the harness wrote none; `seconds` are
    the per-second counts that ended inside the window.
    """

    window: PhaseWindow
    users: int | None
    memory: pd.DataFrame
    processes: pd.DataFrame
    seconds: tuple[Second, ...]
    entries: tuple[EntryCounts, ...] | None
    isolated: bool = False

    @property
    def is_load(self) -> bool:
        """Users were at work, or, where their number is unknown, the name does not say rest.

        Parts of the load, each alone (`isolated`), are not the load.
        """
        if self.isolated:
            return False
        if self.users is not None:
            return self.users > 0
        return self.window.name not in (BASELINE, COOLDOWN)

    @property
    def had_several_processes(self) -> bool:
        """At some tick the target was more than one process."""
        return bool((self.memory["processes"] > 1).any())


@dataclass(frozen=True, slots=True)
class AlignedRun:
    """A run cut into phases. `origin` is second 0 of the report (epoch seconds)."""

    data: RunData
    origin: float
    measure: str | None
    interval_seconds: float | None
    phases: tuple[AlignedPhase, ...]
    caveats: tuple[str, ...]

    @property
    def load_phases(self) -> tuple[AlignedPhase, ...]:
        return tuple(phase for phase in self.phases if phase.is_load)

    @property
    def ended_before_mix(self) -> bool:
        """Parts of the load were asked, each alone, and then nothing more."""
        return not self.load_phases and any(phase.isolated for phase in self.phases)

    @property
    def phases_before_load(self) -> tuple[AlignedPhase, ...]:
        """Those before the first under load; none where no phase was."""
        load = self.load_phases
        return tuple(p for p in self.phases if load and p.window.start < load[0].window.start)


def align(data: RunData) -> AlignedRun:
    """Cut the run into phases by the events' wall time."""
    windows, caveats = phase_windows(data)
    return AlignedRun(
        data,
        _origin(data, windows),
        _measure(data.memory),
        _interval(data),
        tuple(_aligned(data, window) for window in windows),
        (*data.caveats, *caveats),
    )


def _aligned(data: RunData, window: PhaseWindow) -> AlignedPhase:
    memory = between(data.memory, window)
    seconds = tuple(
        second
        for second in data.statistics.seconds
        # A second belongs to the phase in which its middle lies.
        if window.start <= second.time - second.seconds / 2 < window.end
    )
    return AlignedPhase(
        window,
        _users(window, memory, seconds),
        memory,
        between(data.processes, window),
        seconds,
        _entries(data.statistics.per_phase, window),
        _is_isolated(data, window),
    )


def _is_isolated(data: RunData, window: PhaseWindow) -> bool:
    """In an attribution run only the mix is the load; its warm-up is none either."""
    return data.info.plan_kind == ATTRIBUTION and window.name not in (BASELINE, LOAD, COOLDOWN)


def between(frame: pd.DataFrame, window: PhaseWindow) -> pd.DataFrame:
    """The samples of a phase."""
    inside = (frame["time"] >= window.start) & (frame["time"] < window.end)
    if not window.ended:
        inside |= frame["time"] == window.end
    return frame[inside]


def _users(window: PhaseWindow, memory: pd.DataFrame, seconds: tuple[Second, ...]) -> int | None:
    if window.users is not None:
        return window.users
    announced = memory["users"].dropna()
    if len(announced):
        return int(announced.max())
    return max((second.users for second in seconds if second.users is not None), default=None)


def _entries(
    per_phase: tuple[PhaseCounts, ...], window: PhaseWindow
) -> tuple[EntryCounts, ...] | None:
    for counts in per_phase:
        if counts.index == window.index and counts.phase == window.name:
            return counts.entries
    return None


def readable(memory: pd.DataFrame) -> pd.Series[bool]:
    """At which ticks any of MEASURES is known."""
    return memory[list(MEASURES)].notna().any(axis=1)


def _measure(memory: pd.DataFrame) -> str | None:
    """The first of MEASURES that at least half of the readable ticks have; one for the run."""
    ticks = int(readable(memory).sum())
    for measure in MEASURES:
        known = int(memory[measure].notna().sum())
        if known and known >= ticks / 2:
            return measure
    return None


def _interval(data: RunData) -> float | None:
    """Seconds between two ticks: as set, else the median distance of the samples."""
    for event in data.events:
        interval = event.fields.get("interval")
        if event.name == "sidecar_started" and isinstance(interval, int | float) and interval > 0:
            return float(interval)
    if data.info.interval_seconds:
        return data.info.interval_seconds
    steps = data.memory["time"].diff().dropna()
    return float(steps.median()) if len(steps) else None


def _origin(data: RunData, windows: tuple[PhaseWindow, ...]) -> float:
    known = [window.start for window in windows]
    known += [event.time for event in data.events if event.name == "run_started"]
    known += [] if data.info.started is None else [data.info.started]
    known += [float(data.memory["time"].iloc[0])] if len(data.memory) else []
    return min(known, default=0.0)
