"""Which endpoint a user asks next."""

from __future__ import annotations

import random
from collections.abc import Iterator

from scenarios.deck import deal
from scenarios.model import Endpoint, Scenario, Tier
from scenarios.selection import EVERYTHING, Selection


def endpoint_choices(
    scenario: Scenario, dice: random.Random, selection: Selection = EVERYTHING
) -> Iterator[Endpoint]:
    """Endless endpoints: tiers in the shares of their weights, endpoints by weight within."""
    chosen = [endpoint for endpoint in scenario.endpoints if selection.chooses(endpoint)]
    within = {
        tier: deal([(e, e.weight) for e in chosen if e.tier is tier], dice)
        for tier in loaded_tiers(scenario)
        if any(e.tier is tier for e in chosen)
    }
    weights = [(tier, scenario.weights.of(tier)) for tier in within]
    for tier in deal(weights, dice):
        yield next(within[tier])


def loaded_tiers(scenario: Scenario) -> tuple[Tier, ...]:
    """Those that have endpoints and weigh something, light first."""
    return tuple(
        tier
        for tier in Tier
        if scenario.weights.of(tier) and any(e.tier is tier for e in scenario.endpoints)
    )
