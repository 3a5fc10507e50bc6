"""Phases and plans as data; no clock inside, so every second of a plan can be tested."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scenarios.errors import UsageError
from scenarios.model import HOLD_PHASE, PhaseSettings, Tier

BASELINE, LOAD, COOLDOWN = "baseline", "load", "cooldown"
ATTRIBUTION, WARM_UP, SINGLE, REST = "attribution", "warm-up", "single", "rest"


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch: reach `users` at `spawn_rate` users per second, for `seconds` in all.

    Users ask endpoints of `tiers`, or only those of `endpoints` ("METHOD name"), with their think
    time where `paced`.
    """

    name: str
    seconds: float
    users: int
    spawn_rate: float
    tiers: tuple[Tier, ...] = tuple(Tier)
    endpoints: tuple[str, ...] = ()
    paced: bool = True

    @property
    def isolates(self) -> bool:
        """It asks a part of what the mix asks, or not as the mix does."""
        return self.users > 0 and (
            bool(self.endpoints) or len(self.tiers) < len(Tier) or not self.paced
        )


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


def make_plan(settings: PhaseSettings, tiers: tuple[Tier, ...] = tuple(Tier)) -> PhasePlan:
    """The plan that `settings` name; `tiers`: those that the scenario loads.

    Raises UsageError where a ramp does not fit its phase.
    """
    if settings.plan == ATTRIBUTION:
        plan = PhasePlan(settings.plan, isolating_tiers(settings, tiers))
    else:
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
        Phase(f"{LOAD}-{WARM_UP}", warm, settings.users, settings.spawn_rate),
        Phase(LOAD, settings.load_seconds - warm, settings.users, settings.spawn_rate),
        _cooldown(settings),
    )


def _connections(settings: PhaseSettings) -> tuple[Phase, ...]:
    """Connections open in `steps` equal stairs; as long as all stairs together, all are held."""
    each = settings.load_seconds / 2 / settings.steps
    before, stairs = 0, []
    for step in range(1, settings.steps + 1):
        count = max(1, round(settings.users * step / settings.steps))
        # Opened in the first fifth of a stair: what they need shows once they are all there.
        rate = max(settings.spawn_rate, (count - before) / (0.2 * each))
        stairs.append(Phase(f"{LOAD}-{step}", each, count, rate))
        before = count
    hold = replace(stairs[-1], name=HOLD_PHASE, seconds=settings.load_seconds / 2)
    return (_baseline(settings), *stairs, hold, _cooldown(settings))


def _by_hand(_settings: PhaseSettings) -> tuple[Phase, ...]:
    return ()


def isolating_tiers(settings: PhaseSettings, tiers: tuple[Tier, ...]) -> tuple[Phase, ...]:
    """Each tier alone between rests, then the mix.

    A warm-up of the mix comes first: what a first request costs once is no tier's.
    """
    warm = Phase(
        f"{LOAD}-{WARM_UP}", settings.isolated_seconds, settings.users, settings.spawn_rate
    )
    alone = [phase for tier in tiers for phase in isolated(settings, tier.value, tiers=(tier,))]
    mix = Phase(LOAD, settings.load_seconds, settings.users, settings.spawn_rate)
    rest = _rest(settings, WARM_UP)
    return (_baseline(settings), warm, rest, *alone, mix, _cooldown(settings))


def isolated(
    settings: PhaseSettings,
    name: str,
    *,
    tiers: tuple[Tier, ...] = tuple(Tier),
    endpoints: tuple[str, ...] = (),
) -> tuple[Phase, ...]:
    """One user without pauses: what one request needs; all users: what many leave; nobody."""
    rate = settings.spawn_rate
    single = Phase(
        f"{LOAD}-{name}-{SINGLE}", settings.single_seconds, 1, max(1.0, rate), tiers, endpoints,
        paced=False,
    )  # fmt: skip
    crowd = Phase(
        f"{LOAD}-{name}", settings.isolated_seconds, settings.users, rate, tiers, endpoints
    )
    return (single, crowd, _rest(settings, name))


def _rest(settings: PhaseSettings, name: str) -> Phase:
    return Phase(f"{REST}-{name}", settings.rest_seconds, 0, float(settings.users))


PLANS = {
    "steady": _steady,
    "staircase": _staircase,
    "two-wave": _two_wave,
    "soak": _soak,
    "connections": _connections,
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
            # Who leaves does so at a rate of the plan's own.
            mend = (
                f"raise the spawn rate to at least {least:g} or lengthen the phase"
                if phase.users > before
                else f"lengthen the phase to at least {needed:g} s"
            )
            raise UsageError(
                f"phase '{phase.name}': from {before} to {phase.users} users at "
                f"{phase.spawn_rate:g} users/s needs {change} / {phase.spawn_rate:g} = "
                f"{needed:.1f} s, but the phase lasts {phase.seconds:g} s; {mend}"
            )
        before = phase.users
