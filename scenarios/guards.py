"""The guards' options, declared beside the others, and what they and the scenario ask for."""

from __future__ import annotations

import argparse
from dataclasses import asdict, fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from scenarios.errors import UsageError
from scenarios.model import Guards, Scenario

_GUARDS = TypeAdapter(Guards)
_OPTIONS = (
    ("--max-users", int, "USERS", "Refuse a run with more users than this"),
    ("--max-rps", float, "RATE", "Cap on requests per second, all users and workers together"),
    ("--stop-error-rate", float, "SHARE", "End the load when more of the last requests fail"),
    ("--stop-memory", float, "SHARE", "End the load when memory stays above this of its limit"),
    ("--stop-seconds", float, "SECONDS", "For how long either must last (10)"),
)


def declare_guards(parser: Any, scenario: Scenario) -> None:
    """Add them to Locust's parser; never in the web form, where a guard would be no guard."""
    given = asdict(scenario.guards)
    for flag, kind, metavar, what in _OPTIONS:
        name = flag[2:].replace("-", "_")
        shown = "" if given[name] is None else f" (scenario: {given[name]:g})"
        parser.add_argument(
            flag,
            type=kind,
            default=None,
            env_var="PLIMSOLL_" + name.upper(),
            include_in_web_ui=False,
            metavar=metavar,
            help=what.replace("%", "%%") + shown,
        )


def guards_from(options: argparse.Namespace, scenario: Scenario) -> Guards:
    """Options before the scenario's [guards]; None where neither says. Raises UsageError."""
    names = [field.name for field in fields(Guards)]
    given = {name: value for name in names if (value := getattr(options, name, None)) is not None}
    try:
        return _GUARDS.validate_python(asdict(scenario.guards) | given)
    except ValidationError as error:
        first = error.errors()[0]
        flag = "--" + str(first["loc"][-1]).replace("_", "-")
        raise UsageError(
            f"{flag} {first['input']}: {first['msg'][0].lower()}{first['msg'][1:]}"
        ) from None
