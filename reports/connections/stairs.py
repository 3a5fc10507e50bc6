"""Bytes per open connection, from the stairs in which they were opened."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reports.connections.findings import HeldGrowth, Interval
from reports.connections.growing import over_connection_seconds
from reports.findings import Leak, MemoryVerdict, Scaling
from reports.units import small_size_text
from reports.verdicts.scaling import scaling
from reports.verdicts.trace import Stage, Trace

GROWTH_FRACTION = 0.1
"""Of what a connection needs: growth over the stairs that is larger hides it, since when it begins
(once the kernel's buffers are full, say) is not known."""

LEAST_STAIRS = 3


@dataclass(frozen=True, slots=True)
class PerConnection:
    """Bytes with a 95 % interval, or only what they are below; else the reason.

    `first_bytes`: where the line through the stairs meets no connection at all.
    """

    scaling: Scaling
    bytes: float | None = None
    ci95: Interval | None = None
    below_bytes: float | None = None
    reason: str | None = None
    first_bytes: float | None = None


def per_connection(
    trace: Trace, stairs: tuple[Stage, ...], memory: MemoryVerdict, held: HeldGrowth | None
) -> PerConnection:
    """`stairs` have the connections that were open as their users."""
    if len({stage.users for stage in stairs}) < LEAST_STAIRS:
        return _unknown(f"fewer than {LEAST_STAIRS} stairs with different numbers of connections")
    growing = held.bytes_per_second if held is not None else None
    found = _fitted(replace(trace, stages=stairs), memory, growing)
    if found.bytes_per_user is None or found.ci95 is None:
        return _unknown("too few samples in the stairs: 4 s or more each, LOAD=60 say")
    grown = (growing or 0.0) * (stairs[-1].end - stairs[0].start)
    if grown > GROWTH_FRACTION * abs(found.bytes_per_user):
        return _unknown(
            f"each grows by {small_size_text(growing)}/s while it is open: what one needs has no"
            " figure of its own"
        )
    first = np.median([row.bytes - found.bytes_per_user * row.users for row in found.levels])
    if found.ci95[0] > 0:
        return PerConnection(found, found.bytes_per_user, found.ci95, first_bytes=float(first))
    return PerConnection(found, below_bytes=max(0.0, found.ci95[1]), first_bytes=float(first))


def _fitted(trace: Trace, memory: MemoryVerdict, growing: float | None) -> Scaling:
    """What grows with the time or with the requests is taken off first."""
    if growing is None:
        return scaling(trace, memory, "open connection")
    with_time = MemoryVerdict("leak", (), Leak(growing))
    return scaling(over_connection_seconds(trace), with_time, "open connection")


def _unknown(reason: str) -> PerConnection:
    return PerConnection(Scaling("cannot_tell", reasons=(reason,)), reason=reason)
