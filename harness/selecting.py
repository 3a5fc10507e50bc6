"""Tells the users, here and at Locust's workers, which endpoints a phase asks."""

from __future__ import annotations

import itertools
from typing import Any

from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from scenarios.selection import EVERYTHING, Selection
from scenarios.users import ScenarioUser

SELECTION = "plimsoll_selection"
"""Locust message to the workers: a `Selection` as JSON."""

ASK = "plimsoll_ask_selection"
"""From a worker that can be told now: while it joins, Locust sends it nothing."""


class Selecting:
    """In the process that holds the run; a worker that joins in mid-phase asks, and is told."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._selection = EVERYTHING
        draw_anew_with_each_run(environment)
        if isinstance(environment.runner, MasterRunner):
            environment.runner.register_message(ASK, self._on_ask)

    def select(self, selection: Selection) -> None:
        """From now on the users ask these; a class written by hand asks what it likes."""
        self._selection = selection
        _set(self._environment, selection)
        self._tell()

    def _on_ask(self, msg: Any, **_: Any) -> None:
        self._tell(msg.node_id)

    def _tell(self, worker: str | None = None) -> None:
        """One worker, or all of them."""
        runner = self._environment.runner
        if isinstance(runner, MasterRunner):
            runner.send_message(SELECTION, self._selection.as_json(), worker)


def follow_selection(environment: Environment) -> None:
    """In a worker: do as the master says."""

    def on_selection(msg: Any, **_: Any) -> None:
        _set(environment, Selection.from_json(msg.data))

    draw_anew_with_each_run(environment)
    if isinstance(environment.runner, WorkerRunner):
        environment.runner.register_message(SELECTION, on_selection)
        environment.runner.send_message(ASK)


def draw_anew_with_each_run(environment: Environment) -> None:
    """The n-th user of each run, not of the process, draws the n-th numbers of a seed."""

    def on_test_start(**_: Any) -> None:
        for user_class in _ours(environment):
            user_class.numbers = itertools.count()

    environment.events.test_start.add_listener(on_test_start)


def _set(environment: Environment, selection: Selection) -> None:
    for user_class in _ours(environment):
        user_class.selection = selection


def _ours(environment: Environment) -> list[type[ScenarioUser]]:
    """Attributes of a class that somebody wrote by hand are not ours, whatever their names."""
    return [one for one in environment.user_classes if issubclass(one, ScenarioUser)]
