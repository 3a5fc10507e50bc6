"""Hint: most of the memory is there before the first request."""

from __future__ import annotations

from reports.hints.hint import Hint
from reports.hints.seen import Seen
from reports.units import percent, size_text

LARGE_SHARE = 0.5
NOTABLE_BYTES = 48 * 1024 * 1024


def idle(seen: Seen) -> Hint | None:
    """Where the baseline is half of the peak or of the advised size, and it is Python that idles.

    Node has no table of what imports cost.
    """
    before = seen.baseline
    resting = before.memory.mean if before else None
    if before is None or resting is None or resting < NOTABLE_BYTES or not seen.is_python:
        return None
    wholes = (
        ("the peak", seen.peak_bytes),
        ("the advised size", seen.findings.sizing.advised_bytes),
    )
    shares = [(resting / whole, name, whole) for name, whole in wholes if whole]
    if not shares or max(shares)[0] < LARGE_SHARE:
        return None
    told = ", ".join(f"{percent(share)} of {name} ({size_text(w)})" for share, name, w in shares)
    return Hint(
        "Most of the memory is there before the first request",
        f"{size_text(resting)} in phase {before.name} without users: {told}",
        "See what each import costs, and import what is large only where it is used",
        seen.commands.on_start("imports"),
        "time",
        resting,
    )
