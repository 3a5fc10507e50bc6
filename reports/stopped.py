"""A load that the stop switch ended: when, why, and how much of the plan it had carried."""

from __future__ import annotations

from reports.aligning import AlignedRun
from reports.units import percent
from rundir import Event

ENOUGH = 0.5
"""Of the planned load: below, what it would have become cannot be told."""


def stop_of(run: AlignedRun) -> Event | None:
    """The stop, None where the load went to its planned end."""
    return next((event for event in run.data.events if event.name == "load_stopped"), None)


def stop_story(run: AlignedRun) -> str:
    """When and why, for the sentence; empty without a stop."""
    event = stop_of(run)
    if event is None:
        return ""
    return f"the load was stopped at {event.time - run.origin:.1f} s: {_why(event)}"


def part_caveats(run: AlignedRun) -> tuple[str, ...]:
    """Parts of an attribution plan that failed too much to be asked on."""
    return tuple(
        f"{event.fields.get('phase')} was stopped: {_why(event)}; the plan went on."
        for event in run.data.events
        if event.name == "part_stopped"
    )


def _why(event: Event) -> str:
    value, limit, seconds = (_number(event, name) for name in ("value", "limit", "seconds"))
    if event.fields.get("reason") == "memory":
        what = f"memory was at {percent(value)} of its limit, too high for {seconds:g} s"
    else:
        what = f"{percent(value)} of the requests of the last {seconds:g} s failed"
    return f"{what} (stop above {percent(limit)})"


def _number(event: Event, name: str) -> float:
    value = event.fields.get(name)
    return float(value) if isinstance(value, int | float) else float("nan")


def stop_doubt(run: AlignedRun) -> str | None:
    """Why such a load shows too little, None where it carried at least half of its plan."""
    planned = run.data.info.planned_load_seconds
    if stop_of(run) is None or not planned:
        return None
    carried = sum(phase.window.seconds for phase in run.load_phases)
    if carried >= ENOUGH * planned:
        return None
    return f"the load was stopped after {carried:.0f} of {planned:.0f} s"


def stop_caveats(run: AlignedRun) -> tuple[str, ...]:
    """What a stopped load does not show."""
    if stop_of(run) is None:
        return ()
    return (
        "The stop switch ended the load before its plan did: requests, peak and growth are those"
        " up to then; the cooldown was kept.",
    )
