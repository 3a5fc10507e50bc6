"""Hint: most of what stays after the load is free memory that the allocator keeps."""

from __future__ import annotations

from reports.hints.held_growth import grown_while_held
from reports.hints.hint import Hint
from reports.hints.seen import Seen
from reports.units import percent, size_text

NOTABLE_BYTES = 10 * 1024 * 1024
LARGE_SHARE = 0.5
STEPS = {
    "probe": "Try MALLOC_ARENA_MAX=2 or MALLOC_TRIM_THRESHOLD_=131072 in the service's"
    " environment, or jemalloc; then run again and compare",
    "node": "Try a smaller --max-old-space-size, so that V8 gives its free pages back sooner;"
    " then run again and compare",
}
KEEPERS = {"probe": "the allocator", "node": "V8"}


def slack(seen: Seen) -> Hint | None:
    """None where nobody was asked, it is less than half of what stays, or it is what a queue left.

    Connections that grow while they are held leave free memory behind: the queue is to be mended.
    """
    if grown_while_held(seen) is not None:
        return None
    split, retained = seen.findings.recovery.split, seen.findings.recovery.retained_bytes or 0
    if split is None or split.source not in STEPS or retained < NOTABLE_BYTES:
        return None
    if split.slack_bytes <= LARGE_SHARE * retained:
        return None
    keeper = KEEPERS[split.source]
    return Hint(
        f"Most of what stays after the load is free memory that {keeper} keeps",
        f"after the last phase {size_text(split.slack_bytes)} of the {size_text(retained)} that"
        f" stayed ({percent(split.slack_bytes / retained)}) were free, and given back when asked",
        STEPS[split.source],
        seen.commands.after(),
        "inside" if seen.findings.inside else "recovery",
        split.slack_bytes,
    )
