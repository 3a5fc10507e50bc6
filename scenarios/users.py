"""Locust user classes: one built from a scenario, or one written by hand and named there."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from typing import ClassVar

from locust import User
from locust.contrib.fasthttp import FastHttpUser

from scenarios.errors import UsageError
from scenarios.mix import endpoint_choices
from scenarios.model import Endpoint, Scenario
from scenarios.templates import prepare


def user_class_for(scenario: Scenario, base_url: str) -> type[User]:
    """The class that Locust spawns. Raises UsageError where the named class cannot be loaded."""
    if scenario.user_class is not None:
        written = _load_written(scenario.user_class)
        if not written.host:
            written.host = base_url
        return written
    return type(
        "ScenarioUser",
        (_ScenarioUser,),
        {"abstract": False, "scenario": scenario, "host": base_url},
    )


def _choose(user: _ScenarioUser) -> None:
    user.send(next(user.choices))


class _ScenarioUser(FastHttpUser):
    """Sends the endpoints of `scenario` in the shares of their tiers, with think time."""

    abstract = True
    scenario: ClassVar[Scenario]
    # One flat task: Locust would draw tasks independently; the deck keeps the shares exact.
    tasks = [_choose]  # noqa: RUF012

    def __init__(self, environment: object) -> None:
        self.insecure = not self.scenario.target.verify_tls
        super().__init__(environment)
        self.dice = random.Random()
        self.choices = endpoint_choices(self.scenario, self.dice)

    def wait_time(self) -> float:
        think = self.scenario.think_time
        return self.dice.uniform(think.min_seconds, think.max_seconds)

    def send(self, endpoint: Endpoint) -> None:
        """One request, a failure where the status is not among the expected ones."""
        request = prepare(endpoint, self.scenario.values, self.dice)
        body = {} if request.json is None else {"json": request.json}
        with self.client.request(
            endpoint.method,
            request.path,
            name=endpoint.label,
            headers=request.headers,
            catch_response=True,
            stream=endpoint.stream,
            timeout=endpoint.timeout_seconds,
            **body,
        ) as response:
            if endpoint.stream and response.status_code in endpoint.expect_status:
                # A stream counts as answered when its last event has arrived.
                response.content  # noqa: B018
            if response.status_code in endpoint.expect_status:
                response.success()
            elif response.status_code:
                wanted = ", ".join(map(str, endpoint.expect_status))
                response.failure(f"status {response.status_code}, expected {wanted}")


def _load_written(reference: str) -> type[User]:
    place, _, name = reference.partition(":")
    try:
        if place.endswith(".py"):
            spec = importlib.util.spec_from_file_location(Path(place).stem, place)
            if spec is None or spec.loader is None:
                raise ImportError(f"cannot load {place}")
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
        else:
            module = importlib.import_module(place)
        found = getattr(module, name)
    except (ImportError, OSError, AttributeError, SyntaxError) as error:
        raise UsageError(f"user_class '{reference}': {error}") from None
    if not (isinstance(found, type) and issubclass(found, User)):
        raise UsageError(f"user_class '{reference}': {name} is not a Locust User class")
    return found
