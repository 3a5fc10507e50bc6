"""What run.json says of how a run was made, as far as one like it needs it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CONNECTIONS = "connections"
FIRST_LOAD_ALONE, LAST_LOAD_ALONE = "two-wave", "attribution"
"""Plans in which LOAD is the length of one phase with users, not of all of them."""

MORE_THAN_A_PATH = ("stream", "query", "headers")
OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class RunAgain:
    """`command`: the words as started; `scenario_command`: the scenario's, with placeholders.

    `settings`: make's variables in which the run differed from its scenario. `light_path`: one
    that can be asked for as it stands. `has_connections`: the scenario says what to hold open.
    """

    command: tuple[str, ...] = ()
    scenario_command: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    light_path: str = "/"
    has_connections: bool = False
    user_class: bool = False


def parse_run_again(content: dict[str, Any]) -> RunAgain:
    """Each key may be absent; without the scenario's own phases no setting differs from them."""
    scenario = _part(content, "scenario")
    target = _part(scenario, "target")
    pairs = [*_plan(content, scenario), *_around(content, scenario)]
    return RunAgain(
        tuple(map(str, _items(_part(content, "target").get("command")))),
        tuple(map(str, _items(target.get("command")))),
        tuple((name, _text(ran)) for name, ran, said in pairs if not _same(ran, said)),
        _light_path(_items(scenario.get("endpoints"))) or _health_path(target),
        bool(scenario.get("connections")),
        bool(scenario.get("user_class")),
    )


Pair = tuple[str, Any, Any]
"""A variable of make, its value in the run, and in the scenario."""


def _plan(content: dict[str, Any], scenario: dict[str, Any]) -> list[Pair]:
    plan, said = _part(content, "plan"), _part(scenario, "phases")
    kind, phases = plan.get("kind"), [p for p in _items(plan.get("phases")) if isinstance(p, dict)]
    if not said:
        return []
    pairs: list[Pair] = [("PLAN", kind, said.get("plan"))]
    if kind == CONNECTIONS:
        # Each user of this plan is a connection; it takes no USERS.
        pairs += _held_open(_part(content, "connections"), _part(scenario, "connections"))
    elif phases:
        users = max(_number(phase, "users") for phase in phases)
        rates = [_number(p, "spawn_rate") for p in phases if _number(p, "users") == users]
        pairs += [
            ("USERS", users, said.get("users")),
            ("SPAWN_RATE", max(rates), said.get("spawn_rate")),
        ]
    if phases:
        loads = [_number(phase, "seconds") for phase in phases if _number(phase, "users")]
        pairs += [
            ("BASELINE", phases[0].get("seconds"), said.get("baseline_seconds")),
            ("LOAD", load_setting(kind, loads) or None, said.get("load_seconds")),
            ("COOLDOWN", phases[-1].get("seconds"), said.get("cooldown_seconds")),
        ]
    return pairs


def _held_open(held: dict[str, Any], said: dict[str, Any]) -> list[Pair]:
    names = {"CONNECTIONS": "count", "KIND": "kind", "ENDPOINT": "path"}
    names["READ_RATE"] = "read_bytes_per_second"
    return [(name, held.get(key), said.get(key)) for name, key in names.items()]


def _around(content: dict[str, Any], scenario: dict[str, Any]) -> list[Pair]:
    """Limits of memory, and the caps of users and rate."""
    caps, said = _part(content, "guards"), _part(scenario, "guards")
    return [
        ("LIMIT", _part(content, "sampling").get("limit"), None),
        ("UNDER", _part(content, "under_limit").get("limit_bytes"), None),
        ("MAX_USERS", caps.get("max_users"), said.get("max_users")),
        ("MAX_RPS", caps.get("max_rps"), said.get("max_rps")),
    ]


def load_setting(kind: Any, loads: Sequence[float]) -> float:
    """LOAD (seconds) of such a plan, whose phases with users last so long."""
    if kind == FIRST_LOAD_ALONE:
        loads = loads[:1]
    if kind == LAST_LOAD_ALONE:
        loads = loads[-1:]
    return sum(loads)


def _light_path(endpoints: list[Any]) -> str | None:
    """Of a plain GET, a light one where there is one; None where each needs more than its path."""
    plain = [one for one in endpoints if isinstance(one, dict) and _is_plain(one)]
    plain.sort(key=lambda one: one.get("tier") != "light")
    return str(plain[0]["path"]) if plain else None


def _health_path(target: dict[str, Any]) -> str:
    """Without a query, which may hold a token."""
    return str(target.get("health") or "/").partition("?")[0] or "/"


def _is_plain(endpoint: dict[str, Any]) -> bool:
    """Its path alone is answered, and holds nothing that is not to be shown."""
    path = str(endpoint.get("path") or "${")
    return (
        endpoint.get("method", "GET") == "GET"
        and not any(endpoint.get(key) for key in MORE_THAN_A_PATH)
        and all(status in OK for status in _items(endpoint.get("expect_status")))
        and "${" not in path
        and "?" not in path
    )


def _same(ran: Any, said: Any) -> bool:
    if isinstance(ran, int | float) and isinstance(said, int | float):
        return math.isclose(ran, said, rel_tol=1e-6)
    return ran is None or ran == said


def _number(content: dict[str, Any], key: str) -> float:
    """0 for what is no number."""
    value = content.get(key)
    return value if isinstance(value, int | float) else 0


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _part(content: dict[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
