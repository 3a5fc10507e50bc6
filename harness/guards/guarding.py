"""All guards of one Locust process that holds a run: set up once, asked at each heartbeat."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import gevent
from locust import argument_parser
from locust.env import Environment
from locust.runners import MasterRunner

from harness.guards.choosing import (
    check_users,
    choose_guards,
    guards_in_words,
    stop_rules,
)
from harness.guards.shares import RateShares
from harness.guards.stop_switch import Look, Stop, StopSwitch
from harness.guards.users import GuardedUsers, check_can_be_paced
from harness.progress import Progress
from scenarios.errors import UsageError
from scenarios.model import Scenario
from scenarios.phases import LOAD
from scenarios.shape import PlannedShape

Say = Callable[[str], None]


class Guarding:
    """Caps and the stop switch, as the options, the scenario and the host's kind ask for."""

    def __init__(self, environment: Environment, scenario: Scenario, base_url: str) -> None:
        """Raises UsageError for figures that cannot be."""
        self._environment, self._scenario = environment, scenario
        options: Any = environment.parsed_options
        self.settings = choose_guards(options, scenario, base_url)
        if self.settings.max_rps is not None:
            check_can_be_paced(environment.user_classes)
        # Locust hands the master's options to its workers: the scenario's cap must be among them.
        options.max_rps = self.settings.max_rps
        self._users = GuardedUsers(environment, scenario.target.verify_tls)
        self._switch = StopSwitch(stop_rules(self.settings))
        self._shares = RateShares(environment, self.settings.max_rps or 0.0, self._users.turnstile)
        self._unverified = base_url.startswith("https:") and not scenario.target.verify_tls
        self._hold_shape()

    def _hold_shape(self) -> None:
        """A stop must come through in mid-ramp, and a cap of users against every way to start."""
        shape, runner = self._environment.shape_class, self._environment.runner
        if isinstance(shape, PlannedShape):
            shape.in_steps = isinstance(runner, MasterRunner)
        most = self.settings.max_users
        if runner is not None and most is not None:
            start = functools.partial(_start_at_most, runner.start, most)
            runner.start = start  # type: ignore[method-assign]

    def tell(self, say: Say) -> None:
        """What holds, before the run."""
        words = guards_in_words(self.settings)
        if words:
            say(words)
        if self._unverified:
            say("warning: TLS certificates are not verified (verify_tls = false in the scenario)")

    def check_users(self, users: int) -> None:
        """Raises UsageError above the cap."""
        check_users(users, self.settings)

    def run_begins(self) -> None:
        """A run is about to load, perhaps another host than the last one (web UI)."""
        host = str(self._environment.host)
        self.settings = choose_guards(self._environment.parsed_options, self._scenario, host)
        self._switch = StopSwitch(stop_rules(self.settings))
        if self.settings.max_rps is not None:
            self._shares.run_begins()

    def look(self, moment: Progress) -> Stop | None:
        """Once a second: the shares of the rate, and the reason to stop the load, if any."""
        if self.settings.max_rps is not None:
            self._shares.give()
        if not moment.phase.startswith(LOAD):
            self._switch.rest()
            return None
        return self._switch.look(
            Look(
                time.monotonic(),
                moment.requests,
                moment.failures,
                moment.memory_bytes,
                moment.limit_bytes,
            )
        )

    def skip_part(self) -> str | None:
        """The part that is asked alone ends, the plan goes on; its name, None where it is none."""
        shape = self._environment.shape_class
        return shape.skip_to_rest() if isinstance(shape, PlannedShape) else None

    def stop_load(self) -> None:
        """All users leave; a plan goes on with its cooldown."""
        shape, runner = self._environment.shape_class, self._environment.runner
        if isinstance(shape, PlannedShape):
            shape.skip_to_cooldown()
        elif runner is not None:
            gevent.spawn(runner.start, 0, float(max(1, runner.user_count)))


def _start_at_most(
    start: Callable[..., None], most: int, user_count: int, *words: Any, **more: Any
) -> None:
    """Keys pressed in the terminal start users past every check of a plan."""
    start(min(user_count, most), *words, **more)


def check_form(options: Any, form: Any) -> None:
    """Raises UsageError for a form with an option that the web form does not have.

    Locust would take it: a request made by hand could lift every guard.
    """
    shown = set(argument_parser.ui_extra_args_dict()) | set(argument_parser.default_args_dict())
    hidden = sorted(key for key in form if key in vars(options) and key not in shown)
    if hidden:
        raise UsageError(f"{', '.join(hidden)}: cannot be set here, only where the suite starts")
