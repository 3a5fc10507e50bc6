"""The rule that people know: a multiple of the peak, and the smallest plan that holds it."""

from __future__ import annotations

from collections.abc import Iterable

from reports.catalogue import Plan
from reports.findings import PhaseFigures, PlanChoice, Sizing

MINIMUM_FACTOR = 1.5
RECOMMENDED_FACTOR = 2.0
RULE = (
    f"minimum = peak x {MINIMUM_FACTOR}, recommended = peak x {RECOMMENDED_FACTOR};"
    " peak = highest phase peak (upper end)"
)
PLAN_RULE = (
    "smallest plan by memory, then by price; only container plans that are on sale with a known"
    " price and a dated source; where the vendor writes MB or GB, read as 10^6 or 10^9 bytes"
)


def size(phases: tuple[PhaseFigures, ...], plans: Iterable[Plan]) -> Sizing:
    """Sizes in bytes from the phases' upper peaks; all None where no load was measured."""
    if not any(phase.is_load and phase.memory.peak_high is not None for phase in phases):
        return Sizing(RULE)
    peak = max(phase.memory.peak_high for phase in phases if phase.memory.peak_high is not None)
    minimum, recommended = int(peak * MINIMUM_FACTOR), int(peak * RECOMMENDED_FACTOR)
    known = tuple(plans)
    return Sizing(
        RULE,
        peak,
        minimum,
        recommended,
        smallest_plan(minimum, known),
        smallest_plan(recommended, known),
    )


def smallest_plan(needed_bytes: int, plans: Iterable[Plan]) -> PlanChoice | None:
    """The smallest plan, then the cheapest, that holds `needed_bytes`; None where none does."""
    holding = [
        plan for plan in plans if plan.can_be_recommended and plan.sure_bytes >= needed_bytes
    ]
    if not holding:
        return None
    best = min(holding, key=lambda plan: (plan.memory_bytes, plan.usd_month or 0.0, plan.plan))
    return plan_choice(best)


def plan_choice(plan: Plan) -> PlanChoice:
    """What the report says of a plan."""
    return PlanChoice(
        plan.provider,
        plan.plan,
        plan.memory_bytes,
        plan.usd_month,
        plan.price_date,
        plan.price_source or plan.source,
    )
