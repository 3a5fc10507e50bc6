"""Hint: the service leaks, and what was asked inside says where to look on."""

from __future__ import annotations

from reports.hints.hint import Hint
from reports.hints.next_inside import next_inside
from reports.hints.seen import Seen
from reports.hints.unattributed import unattributed


def leak_inside(seen: Seen) -> Hint | None:
    """The other way in, where no endpoint is named: by who holds it. It stands behind that one."""
    leak, inside = unattributed(seen), next_inside(seen)
    if leak is None or inside is None:
        return None
    return Hint(
        "What the leak consists of",
        inside.evidence or leak.evidence,
        inside.step,
        inside.command,
        "inside" if seen.findings.inside else "memory",
        leak.stake_bytes,
    )
