"""Whether memory goes on growing while connections are held and nobody opens new ones.

The same regression that finds leaks, over connection-seconds instead of requests.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reports.connections.findings import HeldGrowth
from reports.verdicts.leak import is_leak
from reports.verdicts.load_level import level_of
from reports.verdicts.points import load_points
from reports.verdicts.trace import Array, Stage, Trace
from reports.verdicts.views import sharpest_growth

SETTLING_FRACTION = 0.1
"""Of the hold: what the last connections brought settles."""


def growth_while_held(trace: Trace, hold: Stage) -> HeldGrowth | None:
    """None where the hold is too short to say anything."""
    seconds = hold.end - hold.settled
    if not hold.users:
        return HeldGrowth(round(seconds, 1), reason="none was open by the target's descriptors")
    ends = np.array([hold.settled, hold.end])
    spent = np.array([0.0, hold.users * seconds])
    alone = replace(trace, stages=(hold,), request_time=ends, requests=spent)
    points = load_points(alone, skip_seconds=SETTLING_FRACTION * seconds)
    found = sharpest_growth(points) if points is not None else None
    if found is None:
        return None
    if is_leak(found, level_of(alone)):
        each = HeldGrowth(round(seconds, 1), found.bytes_per_request, found.interval)
    else:
        upper = max(0.0, found.upper_bytes_per_request)
        each = HeldGrowth(round(seconds, 1), below_bytes_per_second=upper)
    return replace(each, connections=hold.users)


def over_connection_seconds(trace: Trace) -> Trace:
    """The same trace, whose requests are the seconds that connections were open, all together."""
    opened = [_opened(trace.time, stage) for stage in trace.load]
    now = np.sum(opened, axis=0) if opened else np.zeros_like(trace.time)
    steps = np.diff(trace.time, prepend=trace.time[:1])
    return replace(trace, request_time=trace.time, requests=np.cumsum(now * steps))


def _opened(time: Array, stage: Stage) -> Array:
    inside = (time >= stage.start) & (time < stage.end)
    return np.where(inside, float(stage.users or 0), 0.0)
