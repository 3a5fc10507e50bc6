"""Hint: the service leaks, and it is not known in which endpoint."""

from __future__ import annotations

from reports.hints.hint import Hint
from reports.hints.seen import Seen
from reports.hints.unattributed import unattributed

ATTRIBUTION = "attribution"


def leak_unattributed(seen: Seen) -> Hint | None:
    """None where loading each endpoint alone was this run already, or cannot be done."""
    leak, info = unattributed(seen), seen.run.data.info
    if leak is None or info.plan_kind == ATTRIBUTION or not info.can_isolate:
        return None
    return Hint(
        "The service leaks; which endpoint does is not known",
        leak.evidence,
        "Load each endpoint alone: the table then says which one keeps memory",
        seen.commands.on_scenario("attribute"),
        "memory",
        leak.stake_bytes,
    )
