"""Where memory stands under settled load."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reports.verdicts.trace import Trace


def level_of(trace: Trace) -> float:
    """Median of the memory under load, bytes."""
    inside = under_settled_load(trace)
    return float(np.median(trace.memory[inside])) if inside.any() else 0.0


def last_level_of(trace: Trace) -> float:
    """Median of the load's last tenth, bytes; of all of it where that tenth is unreadable."""
    last = trace.load[-1]
    from_here = last.end - 0.1 * (last.end - last.settled)
    inside = (trace.time >= from_here) & (trace.time < last.end) & ~np.isnan(trace.memory)
    return float(np.median(trace.memory[inside])) if inside.any() else level_of(trace)


def under_settled_load(trace: Trace) -> NDArray[np.bool_]:
    """Which samples are readable and lie in a load whose users are all there."""
    inside = np.zeros(len(trace.time), dtype=bool)
    for stage in trace.load:
        inside |= (trace.time >= stage.settled) & (trace.time < stage.end)
    return inside & ~np.isnan(trace.memory)
