"""An attribution run cut into its parts: one user, all users, nobody, for each tier or endpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from reports.aligning import ATTRIBUTION, AlignedPhase, AlignedRun
from reports.run_info import PlannedPhase
from reports.statistics import EntryCounts

WHOLE = 0.75
"""Of a rest's planned length,"""

TICK_SECONDS = 1.0
"""or short of it by what Locust takes from one look at the plan to the next."""


@dataclass(frozen=True, slots=True)
class Part:
    """One tier or endpoint alone, between two rests.

    `endpoint`: "METHOD name", None for a whole tier. `single` None: that phase is missing.
    `is_whole`: its rest was not cut off.
    """

    name: str
    tier: str
    endpoint: str | None
    before: AlignedPhase
    single: AlignedPhase | None
    crowd: AlignedPhase
    rest: AlignedPhase
    is_whole: bool

    @property
    def seconds(self) -> float:
        """From the first request to the end of the rest."""
        return self.rest.window.end - self.phases[0].window.start

    @property
    def asked(self) -> frozenset[str]:
        """Endpoints that one user asked."""
        return frozenset(requests_of((self.single,))) if self.single else frozenset()

    @property
    def phases(self) -> tuple[AlignedPhase, ...]:
        """From the first request to the end of the rest."""
        own = (self.crowd, self.rest)
        return own if self.single is None else (self.single, *own)


def parts_of(run: AlignedRun) -> tuple[Part, ...]:
    """The parts that were completed, in order of time; none for any other plan."""
    if run.data.info.plan_kind != ATTRIBUTION:
        return ()
    tiers = {f"{e.method} {e.name}": e.tier for e in run.data.info.endpoints}
    found: list[Part] = []
    single: AlignedPhase | None = None
    for position, phase in enumerate(run.phases):
        plan = planned_of(run, phase)
        if plan is None or not plan.isolates or plan.name != phase.window.name:
            continue
        if not plan.paced:
            single = phase
            continue
        first = position - (1 if single is None else 2)
        if first >= 0 and position + 1 < len(run.phases) and not run.phases[position + 1].users:
            before = run.phases[first]
            name = _name(plan)
            endpoint, tier = (name, tiers.get(name, "")) if plan.endpoints else (None, name)
            rest = run.phases[position + 1]
            whole = is_whole(run, rest)
            found.append(Part(name, tier, endpoint, before, single, phase, rest, whole))
        single = None
    return tuple(found)


def planned_parts(run: AlignedRun) -> tuple[str, ...]:
    """Tiers and endpoints that the plan asks alone, by the name of their part."""
    alone = [phase for phase in run.data.info.phases if phase.isolates and phase.paced]
    return tuple(map(_name, alone))


def _name(plan: PlannedPhase) -> str:
    return plan.endpoints[0] if plan.endpoints else plan.tiers[0]


def planned_of(run: AlignedRun, phase: AlignedPhase) -> PlannedPhase | None:
    """The phase as run.json has it; None where it does not."""
    planned, index = run.data.info.phases, phase.window.index
    return planned[index] if index < len(planned) else None


def is_whole(run: AlignedRun, rest: AlignedPhase) -> bool:
    """Whether a rest lasted about as long as planned.

    Its settled half is that of a whole one: a run that breaks off in a rest leaves the first
    moments, in which what requests borrowed is still on its way back.
    """
    planned = planned_of(run, rest)
    if planned is None or planned.seconds is None:
        return True
    seconds = planned.seconds
    return rest.window.end - rest.window.start >= min(WHOLE * seconds, seconds - TICK_SECONDS)


def failures_of(phases: tuple[AlignedPhase, ...]) -> dict[str, int]:
    """Failed requests by "METHOD name" over these phases, where the harness counted them."""
    return _summed(phases, lambda entry: entry.failures)


def requests_of(phases: tuple[AlignedPhase, ...]) -> dict[str, int]:
    """Requests by "METHOD name" over these phases, where the harness counted them."""
    return _summed(phases, lambda entry: entry.requests)


def _summed(
    phases: tuple[AlignedPhase, ...], figure: Callable[[EntryCounts], int]
) -> dict[str, int]:
    found: Counter[str] = Counter()
    for phase in phases:
        for entry in phase.entries or ():
            found[f"{entry.method} {entry.name}"] += figure(entry)
    return {name: count for name, count in found.items() if count}
