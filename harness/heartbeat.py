"""What is done once a second of a run, whether anybody watches or not."""

from __future__ import annotations

from collections.abc import Callable

from locust.env import Environment

from harness.phases_by_hand import PhasesByHand
from harness.progress import Progress
from harness.run import PhaseClock, Run
from harness.workers import Workers
from scenarios.shape import PlannedShape


class Heartbeat:
    """Of one run: its workers, its phases where somebody drives by hand, its figures."""

    def __init__(self, environment: Environment, run: Run, say: Callable[[str], None]) -> None:
        self._environment = environment
        self._run = run
        self._say = say
        self._hand = PhasesByHand()
        self._workers = Workers(environment.runner)

    def beat(self) -> Progress:
        """Note what has changed, and tell how things stand."""
        for name, fields in self._workers.changes():
            self._run.note(name, **fields)
            self._say(f"{name.replace('_', ' ')}: {fields['worker']}")
        if self._environment.shape_class is None:
            self._hand.follow(self._run, self._environment)
        return self._run.heartbeat(self._clock())

    def _clock(self) -> PhaseClock:
        shape = self._environment.shape_class
        if not isinstance(shape, PlannedShape) or shape.plan is None:
            return PhaseClock(0.0, 0.0)
        left = max(0.0, shape.plan.seconds - shape.elapsed_seconds())
        return PhaseClock(shape.seconds_left_in_phase(), left)
