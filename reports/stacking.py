"""Several targets one on the other: their sum, and what each has of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reports.aligning import AlignedRun
from reports.decimation import Floats
from reports.units import MIB

POINTS = 1_500
LAYERS = 5
"""More cannot be told apart; the smallest of them share the last one."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One target: from `low` to `high` (MiB) at `x`, seconds since the run's origin."""

    name: str
    x: Floats
    low: Floats
    high: Floats


def layers(run: AlignedRun) -> tuple[Layer, ...]:
    """Largest at the bottom; nothing for a run with one target. Before and after its own samples a
    target has no height.
    """
    measure = run.measure or "rss"
    known = {
        name: one.memory[["time", measure]].dropna()
        for name, one in run.data.targets
        if one.memory[measure].any()
    }
    times = run.data.memory["time"].to_numpy(dtype=float)
    if not known or not len(times):
        return ()
    x = np.linspace(times[0], times[-1], min(POINTS, len(times)))
    heights = {name: _height(frame, measure, x) for name, frame in known.items()}
    found, low = [], np.zeros(len(x))
    for name, height in _grouped(heights).items():
        found.append(Layer(name, x - run.origin, low, low + height))
        low = low + height
    return tuple(found)


def _height(frame: pd.DataFrame, measure: str, x: Floats) -> Floats:
    times = frame["time"].to_numpy(dtype=float)
    found: Floats = np.interp(x, times, frame[measure] / MIB, left=0.0, right=0.0)
    return found


def _grouped(heights: dict[str, Floats]) -> dict[str, Floats]:
    ordered = sorted(heights, key=lambda name: -float(heights[name].max()))
    if len(ordered) <= LAYERS:
        return {name: heights[name] for name in ordered}
    shown, rest = ordered[: LAYERS - 1], ordered[LAYERS - 1 :]
    others = np.sum([heights[name] for name in rest], axis=0)
    return {**{name: heights[name] for name in shown}, f"{len(rest)} others": others}
