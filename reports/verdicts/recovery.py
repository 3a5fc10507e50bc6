"""How much of the load's growth came back in the cooldown."""

from __future__ import annotations

import pandas as pd

from reports.aligning import AlignedPhase, AlignedRun
from reports.blindness import memory_series
from reports.findings import Recovery


def recovery(run: AlignedRun) -> Recovery:
    """Plain differences of levels, in bytes.

    A rest phase's level is the median of its last third. growth = highest sample under load less
    the baseline's level; retained = the cooldown's level less the baseline's; released_fraction =
    1 - retained / growth, None without growth. It may exceed 1 or fall below 0.
    """
    load = run.load_phases
    if not load:
        return Recovery()
    first, last = load[0].window.start, load[-1].window.start
    base = _level(run, [phase for phase in run.phases if phase.window.start < first])
    rest = _level(run, [phase for phase in run.phases if phase.window.start > last])
    top = max((_top(run, phase) for phase in load), default=float("nan"))
    growth = None if base is None or pd.isna(top) else int(top) - base
    retained = None if base is None or rest is None else rest - base
    released = None
    if growth is not None and growth > 0 and retained is not None:
        released = 1 - retained / growth
    return Recovery(growth, released, retained)


def _top(run: AlignedRun, phase: AlignedPhase) -> float:
    return float(memory_series(run, phase.memory).max())


def _level(run: AlignedRun, phases: list[AlignedPhase]) -> int | None:
    if not phases:
        return None
    values = memory_series(run, phases[-1].memory).dropna()
    if not len(values):
        return None
    return int(values.iloc[-max(1, len(values) // 3) :].median())
