"""Memory against users over the stages of a staircase: which curve, how much a user needs.

Every stage's settled samples are binned; the models are compared by the weights of `regress` (see
growth.py: the same noise, the same prior), so that a curve has to earn its extra parameter. Fewer
than three different numbers of users say nothing about a shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reports.findings import MemoryVerdict, Scaling, UsersLevel
from reports.units import count_text, percent, small_size_text
from reports.verdicts.curves import Curve, compare
from reports.verdicts.trace import Array, Trace

LEAST_STAGES = 3
BINS_PER_STAGE = 8
FURTHEST = 3.0
"""No prediction beyond so many times the most users measured."""

SURE = 0.8
"""Weight of one curve over all others."""

CURVE_POINTS = 25

FLAT_FRACTION = 0.02
"""A change over the whole range below this share of the level is flat, however sure."""


@dataclass(frozen=True, slots=True)
class StageLevels:
    """Bins of all stages: users, bytes, and place in time (bins)."""

    users: Array
    memory: Array
    position: Array


def scaling(trace: Trace, verdict: MemoryVerdict, noun: str = "user") -> Scaling:
    """Judge the staircase; `cannot_tell` with the reason where there is none.

    A leak's part, bytes per request times requests, is taken off first: it grows with time, and
    the users of a staircase do, too. `noun`: what a user is in this run.
    """
    levels = _stage_levels(trace, verdict)
    known = np.unique(levels.users)
    if len(known) < LEAST_STAGES:
        reason = (
            f"{len(known)} level(s) of {noun}s; a staircase of {LEAST_STAGES} or more"
            f" (PLAN=staircase) shows how memory goes with {noun}s"
        )
        return Scaling("cannot_tell", reasons=(reason,))
    found = compare(levels.users, levels.memory, levels.position)
    if found is None:
        return Scaling("cannot_tell", reasons=("too few samples in the stages",))
    return _judged(found, levels, verdict, noun)


def _stage_levels(trace: Trace, verdict: MemoryVerdict) -> StageLevels:
    rate = verdict.leak.bytes_per_request if verdict.leak else None
    users: list[float] = []
    memory: list[float] = []
    position: list[float] = []
    place = 0
    for stage in trace.load:
        # The second half: what the new users brought has settled by then.
        middle = (stage.settled + stage.end) / 2
        inside = (trace.time >= middle) & (trace.time < stage.end) & ~np.isnan(trace.memory)
        if stage.users is None or inside.sum() < BINS_PER_STAGE:
            continue
        time, values = trace.time[inside], trace.memory[inside]
        if rate is not None:
            values = values - rate * trace.requests_at(time)
        for rows in np.array_split(np.arange(len(time)), BINS_PER_STAGE):
            users.append(float(stage.users))
            memory.append(float(np.median(values[rows])))
            position.append(float(place))
            place += 1
        # What lies between two stages is not looked at: as far apart as one stage is long.
        place += BINS_PER_STAGE
    return StageLevels(np.array(users), np.array(memory), np.array(position))


def _judged(
    curves: tuple[Curve, ...], levels: StageLevels, verdict: MemoryVerdict, noun: str
) -> Scaling:
    best = max(curves, key=lambda curve: curve.weight)
    linear = next(curve for curve in curves if curve.name == "linear")
    most = float(levels.users.max())
    span = most - float(levels.users.min())
    name = best.name
    if abs(linear.slope * span) < FLAT_FRACTION * float(np.median(levels.memory)):
        name = "flat"
    if best.weight < SURE and name != "flat":
        # Between two shapes the line still tells what a user needs on average.
        name = "linear" if linear.slope_interval[0] > 0 else "cannot_tell"
    predictions = tuple(best.predict(users) for users in (1.5 * most, 2.0 * most, FURTHEST * most))
    reasons = (
        f"{small_size_text(linear.slope)} per {noun} (95 % interval"
        f" {small_size_text(linear.slope_interval[0])} to"
        f" {small_size_text(linear.slope_interval[1])}), measured from"
        f" {count_text(levels.users.min())} to {count_text(most)} {noun}s;"
        f" {best.name} has {percent(best.weight)} of the weight",
    )
    return Scaling(
        name,
        bytes_per_user=linear.slope,
        ci95=linear.slope_interval,
        advice=_advice(name, verdict),
        measured_users=(int(levels.users.min()), int(most)),
        predictions=predictions,
        reasons=reasons,
        levels=_levels(levels),
        curve=tuple(best.predict(round(users)) for users in _drawn(levels.users)),
    )


def _levels(levels: StageLevels) -> tuple[UsersLevel, ...]:
    found = []
    for users in np.unique(levels.users):
        memory = levels.memory[levels.users == users]
        middle, low, high = np.median(memory), memory.min(), memory.max()
        found.append(UsersLevel(int(users), int(middle), int(low), int(high)))
    return tuple(found)


def _drawn(users: Array) -> Array:
    """Where the curve is told, whole users only."""
    return np.unique(np.round(np.linspace(users.min(), 1.5 * users.max(), CURVE_POINTS)))


def _advice(name: str, verdict: MemoryVerdict) -> str | None:
    """linear: more instances alike; superlinear: a larger one; keeps memory: mend that first."""
    if verdict.verdict in ("leak", "poor_recovery"):
        return "optimise"
    return {
        "flat": "horizontal",
        "linear": "horizontal",
        "saturating": "horizontal",
        "superlinear": "vertical",
    }.get(name)
