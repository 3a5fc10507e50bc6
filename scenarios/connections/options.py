"""The options of plan `connections`, and the settings that they and the scenario make."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from scenarios.connections.checking import check_connections
from scenarios.connections.open_files import check_open_files
from scenarios.errors import UsageError
from scenarios.model import Connections, Scenario

PLAN = "connections"
_CONNECTIONS = TypeAdapter(Connections)
_OPTIONS: tuple[tuple[str, str, Any, str, str], ...] = (
    ("--connections", "count", int, "COUNT", "Open connections at the top of the plan"),
    ("--connection-kind", "kind", str, "KIND", "What they are: keep-alive or events"),
    ("--connection-path", "path", str, "PATH", "The path that each of them asks for"),
    (
        "--read-bytes-per-second",
        "read_bytes_per_second",
        float,
        "BYTES",
        "Events: what a slow client reads; without it, all at once",
    ),
)


def declare_connections(parser: Any, scenario: Scenario) -> None:
    """Add them to Locust's parser."""
    given = asdict(scenario.connections) if scenario.connections else {}
    for flag, key, kind, metavar, what in _OPTIONS:
        shown = "" if given.get(key) is None else f" (scenario: {given[key]})"
        parser.add_argument(
            flag,
            type=kind,
            default=None,
            env_var="PLIMSOLL_" + flag[2:].replace("-", "_").upper(),
            metavar=metavar,
            help=f"Plan connections. {what}{shown}",
        )


def connections_from(options: argparse.Namespace, scenario: Scenario) -> Connections:
    """Options before the scenario's [connections]. Raises UsageError."""
    if scenario.user_class is not None:
        raise UsageError(
            f"plan connections opens connections itself and cannot use user_class"
            f" '{scenario.user_class}'; leave it out of the scenario"
        )
    given = {
        key: value
        for flag, key, *_ in _OPTIONS
        if (value := getattr(options, flag[2:].replace("-", "_"), None)) not in (None, "")
    }
    wanted = (asdict(scenario.connections) if scenario.connections else {}) | given
    if "path" not in wanted:
        raise UsageError(
            f"plan connections: nothing says which path to connect to: give ENDPOINT=/path"
            f" (--connection-path), or a [connections] table in scenario {scenario.name}"
        )
    if scenario.connections is None and "kind" not in given:
        raise UsageError(
            "plan connections: nothing says what the connections are: give KIND=keep-alive or"
            " KIND=events (--connection-kind)"
        )
    return _checked(wanted, options, scenario)


def _checked(
    wanted: dict[str, Any], options: argparse.Namespace, scenario: Scenario
) -> Connections:
    try:
        settings: Connections = _CONNECTIONS.validate_python(wanted)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][-1])
        flag = next((flag for flag, name, *_ in _OPTIONS if name == key), f"[connections] {key}")
        message = first["msg"][0].lower() + first["msg"][1:]
        raise UsageError(f"{flag} {first['input']}: {message}") from None
    check_connections(settings, "plan connections")
    # As text: the web form sends it so.
    if str(options.num_users) not in {"None", str(scenario.phases.users), str(settings.count)}:
        raise UsageError(
            f"USERS={options.num_users} does not go with plan connections, in which each user is"
            f" one open connection: give CONNECTIONS={options.num_users}"
        )
    # A master holds none itself, and a worker only its part: how many workers there are it is not
    # told.
    if not any(getattr(options, role, False) for role in ("master", "worker")):
        check_open_files(settings.count)
    return settings
