"""Phases and plans as data; no clock inside, so every second of a plan can be tested."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scenarios.errors import UsageError
from scenarios.model import PhaseSettings, Tier

BASELINE, LOAD, COOLDOWN = "baseline", "load", "cooldown"


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch: reach `users` at `spawn_rate` users per second, for `seconds` in all."""

    name: str
    seconds: float
    users: int
    spawn_rate: float
    tiers: tuple[Tier, ...] = tuple(Tier)


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """Phases in order, under the name of their kind."""

    kind: str
    phases: tuple[Phase, ...]

    @property
    def seconds(self) -> float:
        """Length of the whole plan, seconds."""
        return sum(phase.seconds for phase in self.phases)

    def index_at(self, elapsed_seconds: float) -> int | None:
        """Index of the phase that runs `elapsed_seconds` after the start; None when over."""
        for index, phase in enumerate(self.phases):
            if elapsed_seconds < phase.seconds:
                return index
            elapsed_seconds -= phase.seconds
        return None


def make_plan(settings: PhaseSettings) -> PhasePlan:
    """The plan that `settings` name. Raises UsageError where a ramp does not fit its phase."""
    plan = PhasePlan(settings.plan, PLANS[settings.plan](settings))
    check_ramps(plan)
    return plan


def _steady(settings: PhaseSettings) -> tuple[Phase, ...]:
    load = Phase(LOAD, settings.load_seconds, settings.users, settings.spawn_rate)
    return (_baseline(settings), load, _cooldown(settings))


def _staircase(settings: PhaseSettings) -> tuple[Phase, ...]:
    """`steps` equal stairs up to `users`, which share `load_seconds`."""
    stairs = tuple(
        Phase(
            f"{LOAD}-{step}",
            settings.load_seconds / settings.steps,
            max(1, round(settings.users * step / settings.steps)),
            settings.spawn_rate,
        )
        for step in range(1, settings.steps + 1)
    )
    return (_baseline(settings), *stairs, _cooldown(settings))


def _two_wave(settings: PhaseSettings) -> tuple[Phase, ...]:
    """The same load twice, each with its cooldown: what only fills does not grow again."""
    load = Phase(LOAD, settings.load_seconds, settings.users, settings.spawn_rate)
    rest = _cooldown(settings)
    again = (replace(load, name=f"{LOAD}-2"), replace(rest, name=f"{COOLDOWN}-2"))
    return (_baseline(settings), load, rest, *again)


def _soak(settings: PhaseSettings) -> tuple[Phase, ...]:
    """A warm-up of a tenth of the load (at most 5 minutes) apart from the long level stretch."""
    warm = min(300.0, settings.load_seconds / 10)
    return (
        _baseline(settings),
        Phase(f"{LOAD}-warm-up", warm, settings.users, settings.spawn_rate),
        Phase(LOAD, settings.load_seconds - warm, settings.users, settings.spawn_rate),
        _cooldown(settings),
    )


def _by_hand(_settings: PhaseSettings) -> tuple[Phase, ...]:
    return ()


PLANS = {
    "steady": _steady,
    "staircase": _staircase,
    "two-wave": _two_wave,
    "soak": _soak,
    "manual": _by_hand,
}


def _baseline(settings: PhaseSettings) -> Phase:
    return Phase(BASELINE, settings.baseline_seconds, 0, settings.spawn_rate)


def _cooldown(settings: PhaseSettings) -> Phase:
    # All users leave at once: what memory does without load is the question here.
    return Phase(COOLDOWN, settings.cooldown_seconds, 0, float(settings.users))


def check_ramps(plan: PhasePlan) -> None:
    """Refuse a phase that is shorter than its ramp: Locust would skip the phases behind it.

    Raises UsageError with the arithmetic.
    """
    before = 0
    for phase in plan.phases:
        change = abs(phase.users - before)
        needed = change / phase.spawn_rate
        if needed > phase.seconds:
            least = math.ceil(10 * change / phase.seconds) / 10
            raise UsageError(
                f"phase '{phase.name}': from {before} to {phase.users} users at "
                f"{phase.spawn_rate:g} users/s needs {change} / {phase.spawn_rate:g} = "
                f"{needed:.1f} s, but the phase lasts {phase.seconds:g} s; raise the spawn rate "
                f"to at least {least:g} or lengthen the phase"
            )
        before = phase.users
