"""Phases of a run that somebody drives by hand in the web UI."""

from __future__ import annotations

from locust.env import Environment

from harness.run import Run
from scenarios.phases import BASELINE, COOLDOWN, LOAD, Phase


class PhasesByHand:
    """Phases of a run without a plan: baseline until there are users, load, cooldown."""

    def __init__(self) -> None:
        self._name = ""
        self._index = -1

    def follow(self, run: Run, environment: Environment) -> None:
        """Begin the phase that the number of users says, where it is another one."""
        users = environment.runner.user_count if environment.runner else 0
        name = LOAD if users else COOLDOWN if self._name in (LOAD, COOLDOWN) else BASELINE
        if name != self._name:
            self._name, self._index = name, self._index + 1
            run.begin_phase(Phase(name, 0.0, users, 1.0), self._index, None)
