"""Hint: memory climbs and falls by a lot each time, and its top is what has to fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.hints.hint import Hint
from reports.hints.seen import Seen
from reports.units import count_of, percent, size_text
from reports.verdicts.load_level import under_settled_load
from reports.verdicts.points import despiked
from reports.verdicts.teeth import FALL_SECONDS, LEAST_FALLS, falls_of, heights_of
from reports.verdicts.trace import Array, Trace

NEAR_LIMIT = 0.8
LARGE_SHARE = 0.25
"""Of the level."""

NOTABLE_BYTES = 8 * 1024 * 1024
MORE_BATCHES = "smaller batches"

EXIT_SECONDS = 2 * FALL_SECONDS
"""A fall so near to the end of a process is that process's memory."""


@dataclass(frozen=True, slots=True)
class Teeth:
    """Falls under settled load: count, usual height, top and level in bytes, seconds, requests."""

    falls: int
    usual_bytes: float
    top_bytes: float
    level_bytes: float
    seconds: float
    requests: float


def sawtooth(seen: Seen) -> Hint | None:
    """Where the top comes near the limit, or the falls are large against the level."""
    teeth, limit = teeth_of(seen.trace), seen.findings.limit_bytes
    if teeth is None or teeth.usual_bytes < NOTABLE_BYTES:
        return None
    near = limit is not None and teeth.top_bytes >= NEAR_LIMIT * limit
    if not near and teeth.usual_bytes < LARGE_SHARE * teeth.level_bytes:
        return None
    step, command = _next(seen, teeth)
    return Hint(
        "Memory climbs and falls: the top of each tooth has to fit",
        _evidence(seen, teeth, limit),
        step,
        command,
        "memory",
        round(teeth.usual_bytes),
    )


def _next(seen: Seen, teeth: Teeth) -> tuple[str, str]:
    """Step and command; where nobody was asked that could be, that comes first.

    Falls of which there were more than collections are something else that lets go.
    """
    collections = _collections(seen)
    gc = "a lower gc.set_threshold, gc.freeze() after the start, or " if seen.is_python else ""
    if collections is not None and collections < teeth.falls:
        return (
            "Most of these falls are no full collections: see what is held for a while and let go"
            f" at once, and try {MORE_BATCHES} of it; then run again and compare",
            seen.commands.after(),
        )
    if seen.findings.inside is not None or not (seen.is_python or seen.is_node):
        return f"Try {gc}{MORE_BATCHES}; then run again and compare", seen.commands.after()
    return (
        "Ask the processes whether these falls are collections; if so, "
        + (f"{gc}{MORE_BATCHES}" if gc else "a smaller heap or smaller batches"),
        seen.commands.asking() if seen.is_python else seen.commands.again("INSIDE=1"),
    )


def teeth_of(trace: Trace) -> Teeth | None:
    """None where memory does not fall at least twice but for processes that end."""
    inside = under_settled_load(trace)
    if not inside.any():
        return None
    time = trace.time[inside]
    memory = despiked(time, trace.memory[inside])
    falls = falls_of(time, memory)
    falls = falls[~_near_exits(time[falls], trace)]
    if len(falls) < LEAST_FALLS:
        return None
    ends = np.array([(stage.settled, stage.end) for stage in trace.load])
    asked = trace.requests_at(ends.ravel()).reshape(ends.shape)
    return Teeth(
        falls=len(falls),
        usual_bytes=float(np.median(heights_of(memory, falls))),
        top_bytes=float(memory.max()),
        level_bytes=float(np.median(memory)),
        seconds=float(np.diff(ends).sum()),
        requests=float(np.diff(asked).sum()),
    )


def _near_exits(fell: Array, trace: Trace) -> NDArray[np.bool_]:
    exits = np.array([life.died for life in trace.lives if life.died is not None])
    near = np.abs(fell[:, None] - exits[None, :]) <= EXIT_SECONDS
    return np.asarray(near.any(axis=1))


def _evidence(seen: Seen, teeth: Teeth, limit: int | None) -> str:
    rates = [f"{60 * teeth.falls / teeth.seconds:.1f} a minute"]
    if teeth.requests:
        rates.append(f"{1000 * teeth.falls / teeth.requests:.1f} per 1,000 requests")
    text = (
        f"under load memory fell {teeth.falls} times, usually by {size_text(teeth.usual_bytes)}"
        f" ({', '.join(rates)}), from tops of up to {size_text(teeth.top_bytes)}"
    )
    if limit is not None:
        text += f", {percent(teeth.top_bytes / limit)} of the limit of {size_text(limit)}"
    collections = _collections(seen)
    if collections is not None:
        text += f"; {count_of(collections, 'full collection')} in that time"
    return text


def _collections(seen: Seen) -> int | None:
    """How many full collections there were in the same time; None: not known."""
    inside = seen.findings.inside
    loads = {phase.name for phase in seen.findings.phases if phase.is_load}
    rows = [row for row in inside.phases if row.phase in loads] if inside else []
    known = [row.gc_major for row in rows if row.gc_major is not None]
    return round(sum(known)) if known else None
