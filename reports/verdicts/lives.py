"""Who grows: each process by itself, and short-lived workers laid over each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from reports.verdicts.growth import Growth
from reports.verdicts.points import life_points, work_of
from reports.verdicts.trace import Life, Trace
from reports.verdicts.views import sharpest_growth

LEAST_MOVE_BYTES = 256 * 1024
"""A process that moves less is no suspect, and costs the others no certainty."""

IDLE_FRACTION = 0.2

MOST_LIVES = 12
"""Lives laid over each other; the longest ones say the most."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """One process, or the lives of one kind of worker together.

    `growth` is per request to the whole target; `side_by_side`: how many of the kind lived at the
    same time on average; `at_work`: how many of them served; `level`: bytes at the end of its life
    (median).
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


def replaced_under_load(trace: Trace) -> bool:
    """Whether processes of a kind took turns: then their total does not add up what stays."""
    kinds = [_kind(life) for life in trace.lives]
    return any(
        _died_under_load(trace, life) and kinds.count(_kind(life)) > 1 for life in trace.lives
    )


def _kind(life: Life) -> tuple[bool, str]:
    """Root or not, and the program: a lone worker is a child to the sidecar, two are workers."""
    return life.role == "root", life.name


def _of_kind(trace: Trace, lives: list[Life]) -> Iterable[Suspect]:
    if any(_died_under_load(trace, life) for life in lives) and len(lives) > 1:
        longest = sorted(lives, key=lambda life: -len(life.time))[:MOST_LIVES]
        beside = side_by_side(trace, lives)
        return [
            replace(one, lives=len(lives), side_by_side=beside, at_work=at_work(trace, lives))
            for one in _judged(trace, tuple(longest))
        ]
    return [suspect for life in lives for suspect in _judged(trace, (life,))]


def at_work(trace: Trace, lives: list[Life]) -> float:
    """How many serve at the same time on average, of those that live side by side.

    Users who keep their connections leave a fresh worker idle. What a life idles counts from
    IDLE_FRACTION of it on: less is how long it takes to see it move.
    """
    lived = idled = 0.0
    for life in lives:
        for stage in trace.load:
            start = max(stage.start, life.born)
            end = min(stage.end, life.died or stage.end)
            lived += max(0.0, end - start)
        begun = [start for start, _ in work_of(trace, life).spans[:1]]
        if begun and life.born > trace.load[0].start:
            idle = begun[0] - life.born
            length = (life.died or trace.load[-1].end) - life.born
            idled += idle if idle > IDLE_FRACTION * length else 0.0
    return side_by_side(trace, lives) * (1 - idled / lived) if lived > 0 else 1.0


def _judged(trace: Trace, lives: tuple[Life, ...]) -> list[Suspect]:
    points = life_points(trace, lives)
    moves = points is not None and float(np.ptp(points.bytes)) > LEAST_MOVE_BYTES
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
