"""The mix of requests, and what each request looks like."""

import random
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from scenarios.deck import deal
from scenarios.loading import load_scenario
from scenarios.mix import endpoint_choices
from scenarios.model import Endpoint, Scenario, Tier
from scenarios.templates import prepare

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def drawn(scenario: Scenario, users: int, requests: int) -> Counter[Tier]:
    per_user = requests // users
    return Counter(
        endpoint.tier
        for seed in range(users)
        for endpoint in islice(endpoint_choices(scenario, random.Random(seed)), per_user)
    )


@pytest.mark.parametrize("users", [1, 7, 20, 500])
def test_the_shares_over_10000_requests_are_within_one_percentage_point(users: int) -> None:
    counts = drawn(load_scenario(SCENARIOS / "demo.toml"), users, 10_000)
    total = sum(counts.values())
    for tier, share in ((Tier.LIGHT, 0.6), (Tier.MEDIUM, 0.3), (Tier.HEAVY, 0.1)):
        assert abs(counts[tier] / total - share) < 0.01


def test_one_pass_through_a_deck_is_exact() -> None:
    cards = islice(deal([("a", 60), ("b", 30), ("c", 10)], random.Random(1)), 10)
    assert Counter(cards) == {"a": 6, "b": 3, "c": 1}


def test_a_deck_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="weight above 0"):
        next(deal([("a", 0)], random.Random(1)))


def test_placeholders_are_filled_encoded_and_keep_their_type() -> None:
    endpoint = Endpoint(
        path="/x/${word}",
        tier=Tier.LIGHT,
        query={"input": '{"0":"${word}"}', "batch": 1, "deep": True},
        headers={"X-Word": "${word}"},
        json={"n": "${number}", "list": ["n=${number}"], "fixed": None},
    )
    request = prepare(endpoint, {"word": ("a b/c",), "number": (20,)}, random.Random(1))
    assert request.path == ("/x/a%20b%2Fc?input=%7B%220%22%3A%22a+b%2Fc%22%7D&batch=1&deep=true")
    assert request.headers == {"X-Word": "a b/c"}
    assert request.json == {"n": 20, "list": ["n=20"], "fixed": None}
