"""The status of several targets as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from memory_sidecar.client import SidecarStatus

BEST_FIRST = ("working_set", "pss", "rss")


def summed(
    told: Sequence[tuple[str, SidecarStatus | None]], *, several: bool = True
) -> SidecarStatus | None:
    """Sizes and counts are sums, unknown where one is; members carry their target's name.

    The one target of a run (not `several`) stays as it is. None where nobody has told anything.
    """
    known = [(name, status) for name, status in told if status is not None]
    if not known:
        return None
    if not several:
        return known[0][1]
    each = [status for _, status in known]
    members = [
        replace(member, name=f"{name}: {member.name}")
        for name, status in known
        for member in status.members
    ]
    return replace(
        each[0],
        ticks=sum(one.ticks for one in each),
        late_ticks=sum(one.late_ticks for one in each),
        missed_ticks=sum(one.missed_ticks for one in each),
        rss=_sum(one.rss for one in each),
        pss=_sum(one.pss for one in each),
        used=_sum(one.used for one in each),
        measure=max((one.measure for one in each), key=BEST_FIRST.index),
        peak=_sum(one.peak for one in each),
        limit=sum(one.limit for one in each),
        processes=sum(one.processes for one in each),
        # One that is gone is told by its events; the service lives while one of them does.
        target_alive=any(one.target_alive for one in each),
        disk_refused=next((one.disk_refused for one in each if one.disk_refused), None),
        cpu_seconds=sum(one.cpu_seconds for one in each),
        pids=[pid for one in each for pid in one.pids],
        sources=sorted({source for one in each for source in one.sources}),
        peak_since_load=_sum(one.peak_since_load for one in each),
        members=tuple(sorted(members, key=lambda member: -(member.rss or 0))),
        looking=any(one.looking for one in each),
        inside_sources=tuple(sorted({source for one in each for source in one.inside_sources})),
        inside={},
    )


def _sum(sizes: Iterable[int | None]) -> int | None:
    found = list(sizes)
    known = [size for size in found if size is not None]
    return sum(known) if len(known) == len(found) else None
