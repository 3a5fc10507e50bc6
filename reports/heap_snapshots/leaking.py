"""The constructor that a leak hangs on, if there is one."""

from __future__ import annotations

from collections.abc import Sequence

from reports.heap_snapshots.naming import Kind
from reports.heap_snapshots.tallies import Tally

NOTABLE_BYTES = 64 * 2**10
"""What stays of 300 requests that leak nothing, after a warm-up, is less than 20 KiB."""

LEAST_KEPT = 10
"""Objects. What a load makes once and keeps (a pool, a table, a late module) is no leak."""

KEPT_SHARE = 0.5
"""Of what came under load; a constructor most of which has gone again is let go of."""

HELD_SHARE = 0.25
"""Of the program's kept bytes; where nobody holds that much, no single one is the leak. A service
that was not warmed up keeps megabytes of late modules, spread over a hundred constructors."""


def leaking_of(ranked: Sequence[Tally]) -> str | None:
    """The name of the first of `ranked` (by bytes held) that fulfils all of these: it is not V8's
    own, of its objects there are more than before, and its kept objects are many, are most of
    those that came, and hold bytes that are notable in themselves and beside the others'."""
    # Code that is compiled, and feedback about it, come with any load and stay.
    ours = [tally for tally in ranked if tally.constructor.kind is not Kind.INTERNAL]
    least = max(NOTABLE_BYTES, HELD_SHARE * sum(tally.held_bytes for tally in ours))
    for tally in ours:
        if tally.held_bytes >= least and _stays(tally):
            return tally.constructor.name
    return None


def _stays(tally: Tally) -> bool:
    grew = tally.count_after > tally.count_before
    return grew and tally.kept >= max(LEAST_KEPT, KEPT_SHARE * tally.added)
