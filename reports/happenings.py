"""What happened to the target in mid-run, and what could not be seen, as caveats."""

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
    seconds = event.fields.get("seconds")
    gone = f" after {seconds:.1f} s" if isinstance(seconds, int | float) else ""
    return f"The target was restarted: at {at:.1f} s pid {new} took the place of pid {old}{gone}."


def _denied(event: Event, at: float) -> str:
    what = str(event.fields.get("what") or "a figure")
    reason = event.fields.get("reason") or "unknown"
    return f"From {at:.1f} s on {what} could not be read: {reason}. {FIXES.get(what, FIX)}"


def _worker_lost(event: Event, at: float) -> str:
    left = event.fields.get("left")
    rest = f"{left} went on" if left else "none was left"
    return (
        f"At {at:.1f} s the Locust worker {event.fields.get('worker')} was lost, and {rest}: what"
        " it sent in its last seconds is not in the counts of requests."
    )


def _worker_joined(event: Event, at: float) -> str:
    return f"At {at:.1f} s the Locust worker {event.fields.get('worker')} joined."


def _cut_off(event: Event, at: float) -> str:
    seconds, name = event.fields.get("seconds"), event.fields.get("sidecar")
    gone = float(seconds) if isinstance(seconds, int | float) else 0.0
    return (
        f"From {at - gone:.1f} s to {at:.1f} s the sidecar of {name} did not answer; it went on"
        " measuring, and its samples were read afterwards."
    )


def _left_over(event: Event, _at: float) -> str:
    return (
        f"Not all samples of {event.fields.get('target')} could be read"
        f" ({event.fields.get('reason')}). To read them: {event.fields.get('command')}"
    )


FIX = "Run the suite as the target's user, or as root."
FIXES = {
    "smaps_rollup": "To measure PSS, run the suite as the target's user, or with CAP_SYS_PTRACE"
    " (in a container: cap_add: [SYS_PTRACE]).",
}
TOLD: dict[str, Told] = {
    "target_restarted": _restarted,
    "read_denied": _denied,
    "worker_lost": _worker_lost,
    "worker_joined": _worker_joined,
    "connection_back": _cut_off,
    "pull_incomplete": _left_over,
}


def _unseen(events: tuple[Event, ...]) -> tuple[str, ...]:
    unseen: dict[str, None] = {}
    for event in events:
        words = event.fields.get("cannot_see")
        if event.name == "sidecar_started" and isinstance(words, list):
            unseen |= {f"Not seen: {word}.": None for word in words}
    return tuple(unseen)
