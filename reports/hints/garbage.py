"""Hint: most of what stays after the load waits for the collector."""

from __future__ import annotations

from reports.hints.hint import Hint
from reports.hints.seen import Seen
from reports.units import percent, size_text

NOTABLE_BYTES = 10 * 1024 * 1024
LARGE_SHARE = 0.5
STEPS = {
    "probe": "Break the cycles (weakref, or clear what refers back), or call gc.collect() after"
    " heavy work; then run again and compare",
    "node": "Try a smaller --max-old-space-size, so that V8 has a reason to collect; then run again"
    " and compare",
}
COLLECTORS = {"probe": "Python's collector", "node": "V8's collector"}


def garbage(seen: Seen) -> Hint | None:
    """None where nobody was asked, or it is less than half of what stays."""
    split, retained = seen.findings.recovery.split, seen.findings.recovery.retained_bytes or 0
    if split is None or split.source not in STEPS or retained < NOTABLE_BYTES:
        return None
    if split.garbage_bytes <= LARGE_SHARE * retained:
        return None
    return Hint(
        f"Most of what stays after the load waits for {COLLECTORS[split.source]}",
        f"after the last phase {size_text(split.garbage_bytes)} of the {size_text(retained)} that"
        f" stayed ({percent(split.garbage_bytes / retained)}) were garbage, gone after a"
        " collection",
        STEPS[split.source],
        seen.commands.after(),
        "inside" if seen.findings.inside else "recovery",
        split.garbage_bytes,
    )
