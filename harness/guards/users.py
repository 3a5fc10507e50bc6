"""The guards inside a process that sends requests: a lone Locust, or one of its workers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from locust import FastHttpUser, HttpUser, User
from locust.env import Environment
from locust.runners import WorkerRunner

from harness.guards.clients import guard_hosts, pace
from harness.guards.turnstile import Turnstile
from harness.hosts import is_allowed
from scenarios.errors import UsageError

SHARE = "plimsoll_share"
"""Locust message to the workers: {"rate": requests per second that this worker may send}."""

CLOSED = 0.0

_is_allowed = functools.lru_cache(maxsize=256)(is_allowed)
"""Asked for every request, of a handful of hosts."""


class GuardedUsers:
    """Guards each user as Locust makes it.

    The options are read then: on a worker they come from the master with the first users.
    """

    def __init__(self, environment: Environment, verify_tls: bool) -> None:
        self._environment = environment
        self.turnstile = Turnstile(CLOSED)
        for user_class in environment.user_classes:
            if issubclass(user_class, FastHttpUser):
                # Locust's own default is not to verify; the scenario says it for every class.
                user_class.insecure = not verify_tls
            _after_init(user_class, functools.partial(self._guard, verify_tls))
        runner = environment.runner
        if isinstance(runner, WorkerRunner):
            runner.register_message(SHARE, self._on_share)

    def _on_share(self, msg: Any, **_: Any) -> None:
        self.turnstile.turn_to(float(msg.data["rate"]))

    def _guard(self, verify_tls: bool, user: User) -> None:
        client = getattr(user, "client", None)
        if isinstance(user, HttpUser) and not verify_tls:
            user.client.verify = False
        if client is None:
            return
        options: Any = self._environment.parsed_options
        may_load = functools.partial(_is_allowed, allowed=options.allow_host)
        guard_hosts(client, may_load, self.turnstile.charge)
        if options.max_rps:
            pace(user, self.turnstile)


def check_can_be_paced(user_classes: list[type[User]]) -> None:
    """Raises UsageError for a class without Locust's HTTP client: its rate cannot be held."""
    for user_class in user_classes:
        if not issubclass(user_class, FastHttpUser | HttpUser):
            raise UsageError(
                f"MAX_RPS cannot hold user class {user_class.__name__}: it is neither a"
                " FastHttpUser nor an HttpUser; leave MAX_RPS out and cap its users (MAX_USERS)"
            )


def _after_init(user_class: type[User], guard: Callable[[User], None]) -> None:
    make = user_class.__init__

    @functools.wraps(make)
    def make_guarded(user: User, *words: Any, **more: Any) -> None:
        make(user, *words, **more)
        guard(user)

    user_class.__init__ = make_guarded  # type: ignore[method-assign, assignment]
