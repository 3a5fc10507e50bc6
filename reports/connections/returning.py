"""What came back when all connections were closed."""

from __future__ import annotations

from reports.connections.findings import (
    CANNOT_TELL,
    NO,
    NOTHING,
    PARTLY,
    YES,
    HeldGrowth,
    Returned,
)
from reports.connections.stairs import PerConnection
from reports.units import size_text
from reports.verdicts.load_level import last_level_of
from reports.verdicts.recovery import rest_level
from reports.verdicts.trace import Trace

MOST, LEAST = 0.8, 0.2
"""Shares from which all, or below which nothing, counts as come back: an allocator keeps some."""

MOVES_FRACTION = 0.01
MOVES_BYTES = 2 * 1024 * 1024
"""A process moves by so much by itself: less is nothing that could come back."""


def returned(
    trace: Trace, each: PerConnection, held: HeldGrowth | None, still_open: int | None
) -> Returned:
    """Levels: the last third of the rest before and after, the last tenth of the hold.

    What only the first connection brought (code that was loaded, pools) is no connection's, and
    left out where the stairs tell it.
    """
    load = trace.load
    before = rest_level(trace, [one for one in trace.stages if one.start < load[0].start])
    after = rest_level(trace, [one for one in trace.stages if one.start > load[-1].start])
    if before is None or after is None:
        return Returned(CANNOT_TELL, still_open=still_open, reason="no rest before, or none after")
    top, base = last_level_of(trace), float(before)
    growing = held is not None and held.bytes_per_second is not None
    if each.first_bytes is not None and not growing:
        base = min(max(base, each.first_bytes), top)
    added = top - base
    moves = max(MOVES_BYTES, MOVES_FRACTION * top)
    if not growing and each.bytes is None:
        most = None if each.below_bytes is None else each.below_bytes * (load[-1].users or 0)
        if most is not None and most < moves:
            return Returned(NOTHING, still_open=still_open)
        why = (
            "what they had added is not known"
            if most is None
            else f"they may have added anything up to {size_text(most)}"
        )
        return Returned(CANNOT_TELL, still_open=still_open, reason=why)
    if added < moves:
        why = f"all of them added {size_text(added)}, which a process moves by itself"
        return Returned(CANNOT_TELL, still_open=still_open, reason=why)
    fraction = (top - after) / added
    word = YES if fraction >= MOST else NO if fraction < LEAST else PARTLY
    return Returned(word, round(fraction, 4), max(0, round(after - base)), still_open)
