"""An attribution plan that grows: endpoints of a suspicious tier, each alone, before the mix."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scenarios.model import Endpoint, PhaseSettings
from scenarios.phases import LOAD, PhasePlan, isolated

NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")


def mix_index(plan: PhasePlan) -> int:
    """Where the mixed load stands in the plan."""
    return [phase.name for phase in plan.phases].index(LOAD)


def with_endpoints_alone(
    plan: PhasePlan, settings: PhaseSettings, endpoints: Sequence[Endpoint]
) -> tuple[PhasePlan, tuple[Endpoint, ...]]:
    """The plan with as many of them, in order, as its budget holds, and those left out."""
    whole = settings.single_seconds + settings.isolated_seconds + settings.rest_seconds
    room = int((settings.budget_minutes * 60 - plan.seconds) // whole)
    chosen, left_out = endpoints[: max(0, room)], endpoints[max(0, room) :]
    more = [
        phase
        for number, endpoint in enumerate(chosen, start=1)
        for phase in isolated(settings, f"{number}-{_plain(endpoint)}", endpoints=(endpoint.key,))
    ]
    at = mix_index(plan)
    phases = (*plan.phases[:at], *more, *plan.phases[at:])
    return PhasePlan(plan.kind, phases), tuple(left_out)


def _plain(endpoint: Endpoint) -> str:
    """An endpoint as a part of a phase's name."""
    return NOT_PLAIN.sub("-", endpoint.key).strip("-").lower()
