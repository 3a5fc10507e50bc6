"""Requests with values drawn from the scenario's lists."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from scenarios.loading import PLACEHOLDER, placeholders
from scenarios.model import Endpoint

Values = dict[str, tuple[str | int | float, ...]]


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """What goes on the wire: path with query, headers and JSON body."""

    path: str
    headers: dict[str, str]
    json: Any


def prepare(endpoint: Endpoint, values: Values, dice: random.Random) -> PreparedRequest:
    """Fill one request; each `${key}` has one value throughout the request."""
    return _prepare(endpoint, {key: dice.choice(values[key]) for key in placeholders(endpoint)})


def request_maker(
    endpoint: Endpoint, values: Values, dice: random.Random
) -> Callable[[], PreparedRequest]:
    """A function that gives the next request; one without placeholders is made only once."""
    keys = sorted(placeholders(endpoint))
    if not keys:
        fixed = _prepare(endpoint, {})
        return lambda: fixed
    return lambda: _prepare(endpoint, {key: dice.choice(values[key]) for key in keys})


def _prepare(endpoint: Endpoint, drawn: dict[str, str | int | float]) -> PreparedRequest:
    path = PLACEHOLDER.sub(lambda found: quote(str(drawn[found[1]]), safe=""), endpoint.path)
    if endpoint.query:
        query = {key: _text(value, drawn) for key, value in endpoint.query.items()}
        path += ("&" if "?" in path else "?") + urlencode(query)
    headers = {key: _text(value, drawn) for key, value in endpoint.headers.items()}
    return PreparedRequest(path, headers, _filled(endpoint.json, drawn))


def _text(value: object, drawn: dict[str, str | int | float]) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return PLACEHOLDER.sub(lambda found: str(drawn[found[1]]), str(value))


def _filled(value: Any, drawn: dict[str, str | int | float]) -> Any:
    if isinstance(value, str):
        whole = PLACEHOLDER.fullmatch(value)
        # A string that is one placeholder keeps the type of the value: 20 stays a number.
        return drawn[whole[1]] if whole else _text(value, drawn)
    if isinstance(value, dict):
        return {key: _filled(part, drawn) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(part, drawn) for part in value]
    return value
