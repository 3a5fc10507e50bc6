"""How one run comes to its end: as planned, cut short by the suite, or interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import gevent
from locust.env import Environment

from harness.guards.guarding import Guarding
from harness.guards.stop_switch import ERROR_RATE, Stop
from harness.progress import Progress
from harness.run import Run
from scenarios.shape import PlannedShape


class RunEnding:
    """Stops the load or the run where that must be, and knows the reason for run.json."""

    def __init__(
        self,
        environment: Environment,
        run: Run,
        guarding: Guarding,
        say: Callable[[str], None],
    ) -> None:
        self._environment = environment
        self._run = run
        self._guarding = guarding
        self._say = say
        # Somebody who drives a run by hand ends it when it is done.
        self._completed = environment.shape_class is None
        self._cut_short = ""
        self._load_stopped = False

    @property
    def reason(self) -> str:
        """`end_reason` in run.json, as things stand."""
        if self._cut_short:
            return self._cut_short
        if not self._completed:
            return "interrupted"
        return "load_stopped" if self._load_stopped else "completed"

    def plan_completed(self) -> None:
        """The end was planned."""
        self._completed = True

    def look(self, moment: Progress, target: str) -> None:
        """Once a second: what the guards say of this moment, and whether the target lives."""
        stop = self._guarding.look(moment)
        if stop is not None:
            self._stop_load(stop)
        status = self._run.status
        if status and not status.target_alive and not self._run.sidecar_lost:
            self.target_lost(f"{target} is gone")

    def _stop_load(self, stop: Stop) -> None:
        # One endpoint that fails when it is asked alone is no reason to leave out all others.
        part = self._guarding.skip_part() if stop.reason == ERROR_RATE else None
        if part is not None:
            self._run.note("part_stopped", phase=part, **asdict(stop))
            self._say(f"error: {part} is stopped: {stop.words()}; the plan goes on with its rest")
            return
        self._run.note("load_stopped", **asdict(stop))
        self._load_stopped = True
        self._say(f"error: the load is stopped: {stop.words()}; the cooldown is kept")
        self._guarding.stop_load()

    def target_lost(self, why: str) -> None:
        """End the run here and say why; a second reason is not told."""
        if self._cut_short:
            return
        self._cut_short = "target_lost"
        self._say(f"error: {why}; the run is stopped here")
        shape, runner = self._environment.shape_class, self._environment.runner
        if isinstance(shape, PlannedShape):
            # Locust's own way to an end: a second quit() beside it would overtake the report.
            shape.cancel()
        elif runner is not None:
            gevent.spawn(runner.stop)
