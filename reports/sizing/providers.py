"""For each provider: the cheapest plan that fits, the next smaller one, and why not that."""

from __future__ import annotations

from collections.abc import Iterable

from reports.catalogue import Behaviour, Plan
from reports.findings import PlanChoice, ProviderChoice
from reports.sizing.rule import plan_choice
from reports.units import MIB, percent, plan_size_text, size_text


def provider_choices(
    needed_bytes: int, plans: Iterable[Plan], behaviours: Iterable[Behaviour]
) -> tuple[ProviderChoice, ...]:
    """One row per provider with plans on sale, cheapest first; those that hold it not at all last.

    A plan fits when it holds `needed_bytes` at the pessimistic reading of its unit.
    """
    known = {behaviour.provider: behaviour for behaviour in behaviours}
    offers: dict[str, list[Plan]] = {}
    for plan in plans:
        if plan.can_be_recommended:
            offers.setdefault(plan.provider, []).append(plan)
    rows = [
        _choice(provider, sorted(found, key=_by_size), needed_bytes, known.get(provider))
        for provider, found in offers.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.plan is None, _price(row.plan), row.provider)))


def _choice(
    provider: str, plans: list[Plan], needed: int, behaviour: Behaviour | None
) -> ProviderChoice:
    holding = [plan for plan in plans if plan.sure_bytes >= needed]
    best = min(holding, key=lambda plan: (plan.usd_month or 0.0, plan.memory_bytes), default=None)
    below = [plan for plan in plans if plan.sure_bytes < needed]
    smaller = below[-1] if below else None
    return ProviderChoice(
        provider,
        plan_choice(best) if best else None,
        needed / best.sure_bytes if best else None,
        plan_choice(smaller) if smaller else None,
        why_not(smaller, needed) if smaller else None,
        _notes(best or smaller, behaviour),
    )


def why_not(plan: Plan, needed: int) -> str:
    """Why this plan does not do."""
    if plan.memory_bytes >= needed:
        return (
            f"enough only if the vendor's MB are 2^20 bytes; if they are 10^6, it holds"
            f" {size_text(plan.sure_bytes)}"
        )
    if plan.kill_mib is not None and plan.kill_mib * MIB > needed:
        return (
            f"over its quota ({percent(needed / plan.memory_bytes)}): it would swap and be slow"
            f" (R14), and is killed at {plan_size_text(plan.kill_mib * MIB)} (R15)"
        )
    return f"needs {percent(needed / plan.memory_bytes)} of its memory"


def _notes(plan: Plan | None, behaviour: Behaviour | None) -> tuple[str, ...]:
    notes = []
    if plan is not None and not plan.unit_verified:
        notes.append("the vendor writes MB or GB; read as 10^6 or 10^9 bytes")
    files_count = plan is not None and plan.tmpfs_counts
    if files_count or (behaviour is not None and "every file written" in behaviour.counts):
        notes.append("files that the service writes count as memory")
    if behaviour is not None and not behaviour.at_limit.startswith("not found"):
        notes.append(f"at the limit: {behaviour.at_limit}")
    return tuple(notes)


def _by_size(plan: Plan) -> tuple[int, float]:
    return plan.sure_bytes, plan.usd_month or 0.0


def _price(plan: PlanChoice | None) -> float:
    return plan.usd_month or 0.0 if plan is not None else 0.0
