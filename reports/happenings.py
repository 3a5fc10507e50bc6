"""What happened to target and sidecar in mid-run, as caveats."""

from __future__ import annotations

from collections.abc import Callable

from reports.aligning import AlignedRun
from rundir import Event

Told = Callable[[Event, float], str]


def happening_caveats(run: AlignedRun) -> tuple[str, ...]:
    """One sentence for each event of TOLD, in order of time, and what the sources cannot see."""
    told = [
        TOLD[event.name](event, event.time - run.origin)
        for event in run.data.events
        if event.name in TOLD
    ]
    return (*told, *_unseen(run.data.events))


def _restarted(event: Event, at: float) -> str:
    old, new = event.fields.get("old_pid"), event.fields.get("pid")
    return f"The target was restarted: at {at:.1f} s pid {new} took the place of pid {old}."


def _sidecar_gap(event: Event, at: float) -> str:
    seconds = event.fields.get("seconds")
    long = f", blind for {seconds:.1f} s" if isinstance(seconds, int | float) else ""
    return f"Gap of the sidecar at {at:.1f} s{long}: {event.fields.get('reason', 'unknown')}."


def _sidecar_restarted(event: Event, at: float) -> str:
    seconds = event.fields.get("seconds")
    long = f" after {seconds:.1f} s" if isinstance(seconds, int | float) else ""
    return f"The sidecar was started again at {at:.1f} s{long}."


def _denied(event: Event, at: float) -> str:
    return f"From {at:.1f} s on a right was missing: {event.fields.get('reason', 'unknown')}."


TOLD: dict[str, Told] = {
    "target_restarted": _restarted,
    "sidecar_gap": _sidecar_gap,
    "sidecar_restarted": _sidecar_restarted,
    "read_denied": _denied,
}


def _unseen(events: tuple[Event, ...]) -> tuple[str, ...]:
    unseen: dict[str, None] = {}
    for event in events:
        words = event.fields.get("cannot_see")
        if event.name == "sidecar_started" and isinstance(words, list):
            unseen |= {f"Not seen: {word}.": None for word in words}
    return tuple(unseen)
