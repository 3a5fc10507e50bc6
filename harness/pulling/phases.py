"""The phases are the run's own; what the sidecars know of each is its peaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from rundir import Event

PEAKS = ("peaks", "peak_high", "cgroup_peak", "since_start", "cgroup_since_start")
PHASES = ("phase_started", "phase_ended")


def with_peaks(own: Sequence[Event], theirs: Iterable[Event]) -> list[Event]:
    """The run's own events, with the peaks that one sidecar took of each phase."""
    known = {_key(event): event.fields for event in theirs if event.name == "phase_ended"}
    return [
        _told(event, {name: known[_key(event)].get(name) for name in PEAKS})
        if event.name == "phase_ended" and _key(event) in known
        else event
        for event in own
    ]


def with_sums(own: Sequence[Event], targets: Sequence[Sequence[Event]]) -> list[Event]:
    """The same for the whole of several targets: sums, which are upper ends."""
    known = [
        {_key(event): event.fields for event in theirs if event.name == "phase_ended"}
        for theirs in targets
    ]
    return [
        _told(event, _sums([one.get(_key(event), {}) for one in known]))
        if event.name == "phase_ended"
        else event
        for event in own
    ]


def _key(event: Event) -> tuple[Any, Any]:
    return event.fields.get("index"), event.fields.get("phase")


def _told(event: Event, peaks: dict[str, Any]) -> Event:
    return replace(event, fields=event.fields | peaks)


def _sums(peaks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Unknown where one is unknown; since start where one is."""
    return {
        # Pids of different machines may be the same.
        "peaks": {},
        "peak_high": _sum([one.get("peak_high") for one in peaks]),
        "cgroup_peak": _sum([one.get("cgroup_peak") for one in peaks]),
        "since_start": any(one.get("since_start") for one in peaks),
        "cgroup_since_start": any(one.get("cgroup_since_start") for one in peaks),
    }


def _sum(sizes: Sequence[Any]) -> int | None:
    known = [size for size in sizes if isinstance(size, int)]
    return sum(known) if len(known) == len(sizes) else None
