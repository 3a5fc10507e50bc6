"""Hint: open connections grow for as long as they are held."""

from __future__ import annotations

from reports.connections.findings import HeldGrowth
from reports.hints.figures import interval_words
from reports.hints.hint import Hint
from reports.hints.seen import DAY_SECONDS, Seen
from reports.units import count_text, duration_text, small_size_text


def held_growth(seen: Seen) -> Hint | None:
    """Where a run of open connections shows that each takes more with time."""
    held, found = grown_while_held(seen), seen.findings.connections
    if held is None or held.bytes_per_second is None or found is None:
        return None
    # Of those asked for some may never have been open.
    opened = found.asked if held.connections is None else held.connections
    alone = "" if found.reconnects else "nobody opened any meanwhile"
    slow = found.read_bytes_per_second
    read = f", read at {small_size_text(slow)} a second" if slow is not None else ""
    return Hint(
        "Each open connection grows for as long as it is held",
        f"{count_text(opened)} {found.noun}s, held for {duration_text(held.seconds)}{read}:"
        f" {small_size_text(held.bytes_per_second)} each every second"
        f"{interval_words(held.ci95, alone)}",
        "Give what waits for a reader a bound, and drop the oldest or close the connection where"
        " it is reached; then run again and compare",
        seen.commands.after(),
        "scaling",
        round(held.bytes_per_second * opened * DAY_SECONDS),
    )


def grown_while_held(seen: Seen) -> HeldGrowth | None:
    """None where no connections were held, or they were not shown to grow."""
    found = seen.findings.connections
    held = found.held if found is not None else None
    return held if held is not None and held.bytes_per_second is not None else None
