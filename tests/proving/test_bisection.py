"""The smallest limit, on targets whose need is a number."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.proving.bisection import BudgetSpent, smallest_survived
from harness.proving.find_limit import Step, knee

MIB = 2**20


def needing(need: int, tries: list[int], budget: int = 100) -> Callable[[int], bool]:
    def survives(limit: int) -> bool:
        if len(tries) >= budget:
            raise BudgetSpent
        tries.append(limit)
        return limit >= need

    return survives


@pytest.mark.parametrize("need", [1, 15, 16, 17, 90, 130, 500, 1000])
@pytest.mark.parametrize("guess", [16, 100, 900])
def test_it_ends_within_one_step_of_the_need(need: int, guess: int) -> None:
    tries: list[int] = []
    found = smallest_survived(
        needing(need * MIB, tries), fails=0, guess=guess * MIB, resolution=16 * MIB, repeats=1,
        ceiling=4096 * MIB,
    )  # fmt: skip
    assert found.minimum is not None
    assert need * MIB <= found.minimum < (need + 16) * MIB
    assert found.fails == found.minimum - 16 * MIB
    assert tries[-1] == found.minimum
    assert len(tries) <= 16


def test_a_survivor_that_fails_the_second_time_is_flaky_and_the_next_one_is_tried() -> None:
    seen: dict[int, int] = {}

    def survives(limit: int) -> bool:
        seen[limit] = seen.get(limit, 0) + 1
        return limit >= 128 * MIB or (limit == 112 * MIB and seen[limit] == 1)

    found = smallest_survived(
        survives, fails=0, guess=120 * MIB, resolution=16 * MIB, repeats=1, ceiling=1024 * MIB
    )
    assert found.minimum == 128 * MIB
    assert found.fails == 112 * MIB


def test_a_budget_that_ends_leaves_what_is_known() -> None:
    found = smallest_survived(
        needing(90 * MIB, [], budget=2), fails=0, guess=300 * MIB, resolution=16 * MIB, repeats=1,
        ceiling=4096 * MIB,
    )  # fmt: skip
    assert found.minimum == 144 * MIB
    assert found.fails == 0


def test_a_target_that_survives_nothing_ends_at_the_ceiling() -> None:
    found = smallest_survived(
        needing(10**12, []), fails=0, guess=100 * MIB, resolution=16 * MIB, repeats=1,
        ceiling=400 * MIB,
    )  # fmt: skip
    assert found.minimum is None


def step(limit: int | None, p95: float, pressure: float = 0.0, survived: bool = True) -> Step:
    size = None if limit is None else limit * MIB
    return Step(size, survived, p95, pressure, 50.0, (), "run", pressure > 0.05)


def test_the_knee_is_where_answers_become_slow_or_stalls_begin() -> None:
    steps = [step(None, 10), step(128, 10), step(112, 11), step(96, 40), step(80, 0, 0, False)]
    assert knee(steps) == 112 * MIB
    stalls = [step(None, 10), step(128, 10), step(112, 10, 0.2), step(96, 10, 0.3)]
    assert knee(stalls) == 128 * MIB
