"""The reason for which a run ended, on a run that only takes notes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from locust.env import Environment

from harness.guards.stop_switch import Stop
from harness.progress import Progress
from harness.run_ending import RunEnding
from scenarios.shape import PlannedShape

MOMENT = Progress("load", 1.0, 2.0, 3, 4.0, 0, None, None, None)
STOP = Stop("error_rate", 0.9, 0.5, 10.0)


class Shape(PlannedShape):
    """Notes that it was cancelled."""

    cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Told:
    """A run's ending with everything around it made; `said` and `noted` is what it told."""

    def __init__(
        self, shape: PlannedShape | None, stop: Stop | None = None, part: str | None = None
    ) -> None:
        self.said: list[str] = []
        self.noted: list[str] = []
        self.status: Any = SimpleNamespace(target_alive=True)
        run: Any = SimpleNamespace(note=self._note, status=self.status, sidecar_lost=False)
        guarding: Any = SimpleNamespace(
            look=lambda _: stop, stop_load=lambda: None, skip_part=lambda: part
        )
        environment = Environment(shape_class=shape)
        self.ending = RunEnding(environment, run, guarding, self.said.append)

    def _note(self, name: str, **_: Any) -> None:
        self.noted.append(name)


def test_a_plan_that_is_over_is_completed_and_one_that_is_not_was_interrupted() -> None:
    told = Told(PlannedShape())
    assert told.ending.reason == "interrupted"
    told.ending.plan_completed()
    assert told.ending.reason == "completed"


def test_who_drives_by_hand_ends_the_run_when_it_is_done() -> None:
    assert Told(None).ending.reason == "completed"


@pytest.mark.parametrize(("completed", "reason"), [(True, "load_stopped"), (False, "interrupted")])
def test_a_stopped_load_is_told_where_its_cooldown_came_to_an_end(
    completed: bool, reason: str
) -> None:
    told = Told(PlannedShape(), STOP)
    told.ending.look(MOMENT, "the target")
    if completed:
        told.ending.plan_completed()
    assert told.ending.reason == reason
    assert told.noted == ["load_stopped"]


def test_a_part_that_fails_alone_ends_and_the_plan_goes_on() -> None:
    told = Told(PlannedShape(), STOP, part="load-2-post-api-ask")
    told.ending.look(MOMENT, "the target")
    told.ending.plan_completed()
    assert told.ending.reason == "completed"
    assert told.noted == ["part_stopped"]
    assert told.said[0].startswith("error: load-2-post-api-ask is stopped: 90% of the requests")


def test_a_part_under_which_memory_nears_its_limit_ends_the_load() -> None:
    full = Stop("memory", 0.97, 0.95, 10.0)
    told = Told(PlannedShape(), full, part="load-2-post-api-ask")
    told.ending.look(MOMENT, "the target")
    assert told.noted == ["load_stopped"]


def test_a_target_that_is_gone_ends_the_run_and_is_told_once() -> None:
    shape = Shape()
    told = Told(shape)
    told.status.target_alive = False
    told.ending.look(MOMENT, "the target (pid 7)")
    told.ending.target_lost("the target ended: signal 9")
    assert told.said == ["error: the target (pid 7) is gone; the run is stopped here"]
    assert told.ending.reason == "target_lost"
    assert shape.cancelled
