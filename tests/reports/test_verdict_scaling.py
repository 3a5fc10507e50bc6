"""Memory against users on made staircases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from reports.findings import MemoryVerdict, Scaling
from reports.verdicts.scaling import scaling
from reports.verdicts.trace import Stage, Trace

MIB = 1024 * 1024
STABLE = MemoryVerdict("stable", ("stands",))


def staircase(
    memory_at: Callable[[float], float], steps: tuple[int, ...] = (4, 8, 12, 16, 20)
) -> Trace:
    """20 s at each number of users, 0.1 s between samples, noise of 0.3 MiB."""
    stages = [Stage("baseline", 0.0, 10.0, 0.0, 0, False)]
    for number, users in enumerate(steps):
        start = 10.0 + 20 * number
        stages.append(Stage(f"load-{number + 1}", start, start + 20, start + 2, users, True))
    time = np.arange(0.0, stages[-1].end, 0.1)
    users_at = np.zeros_like(time)
    for stage in stages:
        users_at[(time >= stage.start) & (time < stage.end)] = stage.users or 0
    rng = np.random.default_rng(5)
    memory = np.array([memory_at(float(users)) for users in users_at])
    seconds = np.arange(1.0, stages[-1].end + 1)
    return Trace(
        time,
        memory + rng.normal(0, 0.3 * MIB, len(time)),
        seconds,
        np.cumsum(2 * np.interp(seconds, time, users_at)),
        tuple(stages),
    )


def judged(memory_at: Callable[[float], float], *steps: int) -> Scaling:
    return scaling(staircase(memory_at, steps or (4, 8, 12, 16, 20)), STABLE)


def test_two_mib_per_user_are_found_with_their_interval() -> None:
    found = judged(lambda users: 100 * MIB + 2 * MIB * users)
    assert (found.model, found.advice) == ("linear", "horizontal")
    assert found.bytes_per_user == pytest.approx(2 * MIB, rel=0.05)
    assert found.ci95 is not None and found.ci95[0] <= 2 * MIB <= found.ci95[1]


@pytest.mark.parametrize(
    ("model", "advice", "memory_at"),
    [
        ("flat", "horizontal", lambda users: 100 * MIB + 0 * users),
        ("superlinear", "vertical", lambda users: 100 * MIB + 0.4 * MIB * users**2),
        ("saturating", "horizontal", lambda users: 100 * MIB + 90 * MIB * (1 - np.exp(-users / 4))),
    ],
)
def test_each_shape_has_its_name_and_advice(
    model: str, advice: str, memory_at: Callable[[float], float]
) -> None:
    found = judged(memory_at)
    assert (found.model, found.advice) == (model, advice)


def test_predictions_say_where_they_leave_what_was_measured_and_end_at_three_times() -> None:
    found = judged(lambda users: 100 * MIB + 2 * MIB * users)
    assert [row.users for row in found.predictions] == [30, 40, 60]
    assert all(row.extrapolated for row in found.predictions)
    for row in found.predictions:
        assert row.ci95[0] <= 100 * MIB + 2 * MIB * row.users <= row.ci95[1]


def test_two_levels_of_users_show_no_shape() -> None:
    found = judged(lambda users: 100 * MIB + 2 * MIB * users, 10, 20)
    assert found.model == "cannot_tell"
    assert "PLAN=staircase" in found.reasons[0]


def test_a_service_that_keeps_memory_is_to_be_mended_first() -> None:
    trace = staircase(lambda users: 100 * MIB + 2 * MIB * users)
    assert scaling(trace, MemoryVerdict("poor_recovery", ("keeps",))).advice == "optimise"
