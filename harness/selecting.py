"""Tells the users, here and at Locust's workers, which endpoints a phase asks."""

from __future__ import annotations

import itertools
from typing import Any

from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from scenarios.selection import EVERYTHING, Selection

SELECTION = "plimsoll_selection"
"""Locust message to the workers: a `Selection` as JSON."""


class Selecting:
    """In the process that holds the run; a worker that joins in mid-phase is told at once."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._selection = EVERYTHING
        draw_anew_with_each_run(environment)
        environment.events.worker_connect.add_listener(lambda **_: self._tell())

    def select(self, selection: Selection) -> None:
        """From now on the users ask these; a class written by hand asks what it likes."""
        self._selection = selection
        _set(self._environment, selection)
        self._tell()

    def _tell(self) -> None:
        runner = self._environment.runner
        if isinstance(runner, MasterRunner):
            runner.send_message(SELECTION, self._selection.as_json())


def follow_selection(environment: Environment) -> None:
    """In a worker: do as the master says."""

    def on_selection(msg: Any, **_: Any) -> None:
        _set(environment, Selection.from_json(msg.data))

    draw_anew_with_each_run(environment)
    if isinstance(environment.runner, WorkerRunner):
        environment.runner.register_message(SELECTION, on_selection)


def draw_anew_with_each_run(environment: Environment) -> None:
    """The n-th user of each run, not of the process, draws the n-th numbers of a seed."""

    def on_test_start(**_: Any) -> None:
        for user_class in environment.user_classes:
            if hasattr(user_class, "numbers"):
                user_class.numbers = itertools.count()

    environment.events.test_start.add_listener(on_test_start)


def _set(environment: Environment, selection: Selection) -> None:
    for user_class in environment.user_classes:
        if hasattr(user_class, "selection"):
            user_class.selection = selection
