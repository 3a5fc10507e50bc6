"""Which endpoint a user asks next."""

from __future__ import annotations

import random
from collections.abc import Iterator

from scenarios.deck import deal
from scenarios.model import Endpoint, Scenario, Tier


def endpoint_choices(scenario: Scenario, dice: random.Random) -> Iterator[Endpoint]:
    """Endless endpoints: tiers in the shares of their weights, endpoints by weight within."""
    within = {
        tier: deal([(e, e.weight) for e in scenario.endpoints if e.tier is tier], dice)
        for tier in Tier
        if any(e.tier is tier for e in scenario.endpoints)
    }
    weights = [(tier, scenario.weights.of(tier)) for tier in within]
    for tier in deal(weights, dice):
        yield next(within[tier])
