"""Who grows: each process by itself, and short-lived workers laid over each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from reports.verdicts.growth import Growth
from reports.verdicts.points import life_points, settled_seconds, work_of
from reports.verdicts.trace import Life, Trace
from reports.verdicts.views import sharpest_growth

EVEN = 0.5
"""Probability from which on a shape that ends is the likelier story."""

LEAST_SAMPLES = 4

CLEARLY_LESS = 0.75

MOST_LIVES = 12
"""Lives laid over each other; the longest ones say the most."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """One process, or the lives of one kind of worker together.

    `growth` is per request to the whole target; `side_by_side`: how many of the kind lived at the
    same time on average; `at_work`: how many of them grew at the same time, which may be fewer
    where users keep their connections; `level`: bytes at the end of its life (median).
    """

    growth: Growth
    lives: int
    side_by_side: float
    at_work: float
    level: float
    pid: int | None
    name: str

    @property
    def told(self) -> str:
        """Who it is, for people."""
        if self.pid is not None:
            return f"it is pid {self.pid} ({self.name}) that grows"
        return (
            f"each of {self.lives} {self.name} lives grows from its birth on; being replaced"
            " hides it in the total"
        )


def suspects(trace: Trace) -> tuple[Suspect, ...]:
    """Growth of every process that can be judged by itself; empty for a lone process.

    A kind of process of which some died under load is judged by all its lives together.
    """
    if len(trace.lives) < 2:
        return ()
    kinds = dict.fromkeys(_kind(life) for life in trace.lives)
    found = [
        suspect
        for kind in kinds
        for suspect in _of_kind(trace, [life for life in trace.lives if _kind(life) == kind])
    ]
    return tuple(found)


def _kind(life: Life) -> tuple[bool, str]:
    """Root or not, and the program: a lone worker is a child to the sidecar, two are workers."""
    return life.role == "root", life.name


def _of_kind(trace: Trace, lives: list[Life]) -> Iterable[Suspect]:
    if any(_died_under_load(trace, life) for life in lives) and len(lives) > 1:
        longest = sorted(lives, key=lambda life: -len(life.time))[:MOST_LIVES]
        beside = side_by_side(trace, lives)
        return [
            replace(
                one,
                lives=len(lives),
                side_by_side=beside,
                at_work=at_work(trace, lives, one, beside),
            )
            for one in _judged(trace, tuple(longest))
        ]
    return [suspect for life in lives for suspect in _judged(trace, (life,))]


def at_work(trace: Trace, lives: list[Life], found: Suspect, beside: float) -> float:
    """How many grow at the same time; usually all that live side by side.

    Users who keep their connections may leave a fresh worker idle. Then the lives gain clearly less
    than the slope over all of each life would give, and what they did gain counts by the requests
    of the whole load.
    """
    ends = found.growth.saturating_bytes
    ends = ends if found.growth.saturating_probability > EVEN else 0.0
    gained = requests = 0.0
    for life in lives:
        work = work_of(trace, life)
        if len(work.memory) < LEAST_SAMPLES:
            continue
        gained += float(work.memory[-2:].mean() - work.memory[:2].mean()) - ends
        served = trace.requests_at(work.time)
        requests += float(served[-2:].mean() - served[:2].mean())
    slope = found.growth.bytes_per_request
    if slope * requests <= 0 or gained >= CLEARLY_LESS * slope * requests:
        return beside
    whole = slope * (trace.rate() or 0.0) * settled_seconds(trace.load)
    return max(gained, 0.0) / whole if whole > 0 else beside


def _judged(trace: Trace, lives: tuple[Life, ...]) -> list[Suspect]:
    points = life_points(trace, lives)
    # A process that does not move at all is no suspect, and costs the others no certainty.
    moves = points is not None and float(np.ptp(points.bytes)) > 0
    found = sharpest_growth(points) if points is not None and moves else None
    if points is None or found is None:
        return []
    ends = sorted(float(life.memory[-1]) for life in lives if len(life.memory))
    level = ends[len(ends) // 2] if ends else 0.0
    alone = len(lives) == 1
    pid = lives[0].pid if alone else None
    name = (lives[0].name or lives[0].role) if alone else lives[0].role
    return [Suspect(found, len(lives), 1.0, 1.0, level, pid, name)]


def _died_under_load(trace: Trace, life: Life) -> bool:
    return life.died is not None and any(
        stage.start <= life.died < stage.end for stage in trace.load
    )


def side_by_side(trace: Trace, lives: list[Life]) -> float:
    """How many lived at the same time on average: seconds lived under load by seconds of load."""
    load = sum(stage.end - stage.start for stage in trace.load)
    lived = sum(
        max(0.0, min(stage.end, life.died or stage.end) - max(stage.start, life.born))
        for stage in trace.load
        for life in lives
    )
    return lived / load if load > 0 else 1.0
