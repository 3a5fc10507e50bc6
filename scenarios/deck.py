"""Draw in exact proportions: a shuffled deck instead of independent dice."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def deal(weighted: Sequence[tuple[T, int]], dice: random.Random) -> Iterator[T]:
    """Yield items for ever, each in the share of its weight.

    One pass through the deck holds every item exactly `weight / gcd` times, in random order.
    Independent draws scatter by 0.5 percentage points over 10,000 requests at a share of 60 %;
    a deck of ten cards is off by less than one deck per user. Raises ValueError without weight.
    """
    factor = math.gcd(*(weight for _, weight in weighted))
    if factor == 0:
        raise ValueError("a deck needs at least one item with a weight above 0")
    cards = [item for item, weight in weighted for _ in range(weight // factor)]
    while True:
        dice.shuffle(cards)
        yield from cards
