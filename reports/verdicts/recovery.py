"""How much of the load's growth came back in the cooldown, and how soon."""

from __future__ import annotations

import numpy as np

from reports.findings import Recovery
from reports.verdicts.thresholds import Thresholds
from reports.verdicts.trace import Stage, Trace

LEAST_RELEASE_FRACTION = 0.02
"""Memory that falls by less after a load has given nothing back: it moves that much by itself."""

AT_ONCE_SECONDS = 5.0
"""What is gone so soon after the load went with the requests; the rest a collector gave back."""

RELEASED = 0.9
"""Of what came back: when that much had, memory had recovered."""


def recovery(trace: Trace, thresholds: Thresholds) -> Recovery:
    """Plain differences of levels, in bytes.

    A rest phase's level is the median of its last third. growth = highest sample under load less
    the baseline's level; retained = the cooldown's level less the baseline's; released_fraction =
    1 - retained / growth, None without growth. It may exceed 1 or fall below 0.
    """
    load = trace.load
    if not load:
        return Recovery()
    base = rest_level(trace, [stage for stage in trace.stages if stage.start < load[0].start])
    rest = rest_level(trace, [stage for stage in trace.stages if stage.start > load[-1].start])
    tops = [float(values.max()) for stage in load if len(values := trace.memory_in(stage))]
    growth = None if base is None or not tops else int(max(tops)) - base
    retained = None if base is None or rest is None else rest - base
    released = None
    if growth is not None and growth > 0 and retained is not None:
        released = 1 - retained / growth
    rating = None if retained is None else thresholds.growth_word(retained)
    return Recovery(
        growth,
        released,
        retained,
        _seconds_to_release(trace, load[-1], rest),
        rating,
        _at_once(trace, load[-1], max(tops) if tops else None, rest),
    )


def _at_once(trace: Trace, last: Stage, top: float | None, rest: int | None) -> int | None:
    """From the top to the median of the two seconds around AT_ONCE_SECONDS after the load."""
    moment = last.end + AT_ONCE_SECONDS
    around = (np.abs(trace.time - moment) <= 1.0) & ~np.isnan(trace.memory)
    if top is None or rest is None or not around.any():
        return None
    return int(top - max(float(np.median(trace.memory[around])), rest))


def _seconds_to_release(trace: Trace, last: Stage, rest: int | None) -> float | None:
    """From the load's end until RELEASED of what came back had; None where nothing did.

    The level before is the median of the load's last tenth.
    """
    values = trace.memory_in(last)
    if rest is None or not len(values):
        return None
    before = float(np.median(values[-max(1, len(values) // 10) :]))
    if before - rest < LEAST_RELEASE_FRACTION * before:
        return None
    after = (trace.time >= last.end) & ~np.isnan(trace.memory)
    sunk = trace.time[after][trace.memory[after] <= before - RELEASED * (before - rest)]
    return max(0.0, round(float(sunk[0]) - last.end, 1)) if len(sunk) else None


def rest_level(trace: Trace, stages: list[Stage]) -> int | None:
    """Median of the last third of the last of these phases, bytes; None without samples."""
    values = trace.memory_in(stages[-1]) if stages else np.empty(0)
    return int(np.median(values[-max(1, len(values) // 3) :])) if len(values) else None
