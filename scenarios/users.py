"""Locust user classes: one built from a scenario, or one written by hand and named there."""

from __future__ import annotations

import importlib.util
import itertools
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from locust import User
from locust.contrib.fasthttp import FastHttpUser, ResponseContextManager

from scenarios.connections.held import held_connection
from scenarios.errors import UsageError
from scenarios.mix import endpoint_choices
from scenarios.model import Endpoint, Scenario
from scenarios.selection import EVERYTHING, Selection
from scenarios.templates import PreparedRequest, request_maker

CHUNK_BYTES = 65_536
REDIRECTS = (301, 302, 303, 307, 308)


def user_class_for(scenario: Scenario, base_url: str) -> type[User]:
    """The class that Locust spawns. Raises UsageError where the named class cannot be loaded."""
    if scenario.user_class is not None:
        written = _load_written(scenario.user_class)
        if not written.host:
            written.host = base_url
        return written
    return type(
        "ScenarioUser",
        (ScenarioUser,),
        {"abstract": False, "scenario": scenario, "host": base_url},
    )


def _choose(user: ScenarioUser) -> None:
    if user.held is not None:
        user.held.go_on()
    else:
        user.send(user.next_endpoint())


class ScenarioUser(FastHttpUser):
    """Sends the endpoints of `scenario` in the shares of their tiers, with think time."""

    abstract = True
    scenario: ClassVar[Scenario]
    selection: ClassVar[Selection] = EVERYTHING
    numbers: ClassVar[Iterator[int]] = itertools.count()
    # One flat task: Locust would draw tasks independently; the deck keeps the shares exact.
    tasks = [_choose]  # noqa: RUF012

    def __init__(self, environment: object) -> None:
        self.insecure = not self.scenario.target.verify_tls
        self.network_timeout = max(e.timeout_seconds for e in self.scenario.endpoints)
        super().__init__(environment)
        self.dice = self._dice()
        self.choices = endpoint_choices(self.scenario, self.dice, self.selection)
        self._dealt = self.selection
        self.makers = {
            id(endpoint): request_maker(endpoint, self.scenario.values, self.dice)
            for endpoint in self.scenario.endpoints
        }

        self.held = held_connection(self, self.scenario)

    def on_stop(self) -> None:
        """A connection that is held ends with its user."""
        if self.held is not None:
            self.held.close()

    def _dice(self) -> random.Random:
        """With --seed the n-th user of a process (of the n-th worker) asks the same in each run."""
        options: Any = self.environment.parsed_options
        seed = getattr(options, "seed", None)
        worker = getattr(self.environment.runner, "worker_index", 0)
        return random.Random(None if seed is None else f"{seed}/{worker}/{next(self.numbers)}")

    def next_endpoint(self) -> Endpoint:
        """From a new deck once the phase selects other endpoints."""
        if self._dealt != self.selection:
            self._dealt = self.selection
            self.choices = endpoint_choices(self.scenario, self.dice, self.selection)
        return next(self.choices)

    def wait_time(self) -> float:
        if self.held is not None:
            return self.held.wait_seconds
        if not self.selection.paced:
            return 0.0
        think = self.scenario.think_time
        return self.dice.uniform(think.min_seconds, think.max_seconds)

    def send(self, endpoint: Endpoint) -> None:
        """One request; a failure where the status is not among the expected ones."""
        request = self.makers[id(endpoint)]()
        if endpoint.stream:
            self._read_stream(endpoint, request)
            return
        with self.client.request(
            endpoint.method,
            request.path,
            name=endpoint.label,
            headers=request.headers,
            json=request.json,
            catch_response=True,
        ) as response:
            _judge(response, endpoint)

    def _read_stream(self, endpoint: Endpoint, request: PreparedRequest) -> None:
        """A stream counts as answered when its last byte has arrived, and is not kept."""
        started = time.perf_counter()
        with self.client.request(
            endpoint.method,
            request.path,
            name=endpoint.label,
            headers=request.headers,
            json=request.json,
            catch_response=True,
            stream=True,
        ) as response:
            size, broken = 0, None
            try:
                while response.status_code and (chunk := response.stream.read(CHUNK_BYTES)):
                    size += len(chunk)
            except OSError as error:
                broken = error
            response.request_meta["response_time"] = (time.perf_counter() - started) * 1000
            response.request_meta["response_length"] = size
            if broken is None:
                _judge(response, endpoint)
            else:
                response.failure(f"the stream broke off after {size} bytes: {broken}")


def _judge(response: ResponseContextManager, endpoint: Endpoint) -> None:
    status = response.status_code
    if status in endpoint.expect_status:
        response.success()
    elif status:
        wanted = ", ".join(map(str, endpoint.expect_status))
        response.failure(f"status {status}, expected {wanted}{_not_followed(response)}")


def _not_followed(response: ResponseContextManager) -> str:
    """A redirect is still there only where it leads to a host that may not be loaded."""
    if response.headers is None or response.status_code not in REDIRECTS:
        return ""
    host = urlsplit(str(response.headers.get("location") or "")).hostname
    return f" (redirect to host '{host}' not followed: it is not allowed by name)" if host else ""


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
