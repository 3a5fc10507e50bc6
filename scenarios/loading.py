"""A scenario's TOML file, read and validated once; every error names file, table and key."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from scenarios.connections.checking import check_connections
from scenarios.errors import UsageError
from scenarios.model import (
    Connections,
    Endpoint,
    Find,
    Gates,
    Guards,
    InsideSettings,
    PhaseSettings,
    Scenario,
    Target,
    ThinkTime,
    Thresholds,
    Tier,
    Weights,
)
from scenarios.toml_file import key_sentence, read_toml

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_SCENARIO = TypeAdapter(Scenario)


@dataclass(frozen=True)
class GatesFile:
    """A file of which only the rules count."""

    gates: Gates


def load_scenario(path: Path) -> Scenario:
    """Read `path`. Raises UsageError that names file, table, key and what was expected."""
    known = ", ".join(sorted(str(p) for p in Path(__file__).parent.glob("*.toml")))
    content = read_toml(path, f"no such scenario file; those shipped: {known}")
    scenario = validate(content, str(path))
    _check_regression(scenario.gates, str(path))
    _check_baseline(scenario.gates, path)
    return scenario


def load_gates(path: Path) -> Gates:
    """The [gates] table of a TOML file; other tables of it are left alone. Raises UsageError."""
    content = read_toml(path)
    if not isinstance(content.get("gates"), dict):
        raise UsageError(f"{path}: no [gates] table; for instance: [gates] peak_mib = 450")
    try:
        gates = TypeAdapter(GatesFile).validate_python({"gates": content["gates"]}).gates
    except ValidationError as error:
        raise UsageError(f"{path}: {_sentence(error.errors()[0])}") from None
    _check_baseline(gates, path)
    return gates


def with_gates(scenario: Scenario, path: Path) -> Scenario:
    """The scenario with a file's rules before its own. Raises UsageError."""
    given = load_gates(path)
    named = {key: value for key, value in asdict(given).items() if value is not None}
    if given.baseline is not None:
        # Relative to the file that names it, not to the scenario.
        named["baseline"] = str((path.parent / given.baseline).resolve())
    gates = replace(scenario.gates, **named)
    _check_regression(gates, str(path))
    return replace(scenario, gates=gates)


def _check_regression(gates: Gates, where: str) -> None:
    if gates.regression_percent is not None and gates.baseline is None:
        raise UsageError(
            f"{where}: [gates]: regression_percent needs baseline = 'plimsoll-baseline.json'"
            " (make baseline writes one)"
        )


def _check_baseline(gates: Gates, where: Path) -> None:
    if gates.baseline is not None and not (where.parent / gates.baseline).exists():
        raise UsageError(
            f"{where}: [gates]: baseline '{gates.baseline}': no such file beside it; write one"
            " with: make baseline RUN=runs/..."
        )


def validate(content: dict[str, Any], where: str) -> Scenario:
    """Turn parsed TOML into a Scenario. `where` names the file in errors (UsageError)."""
    try:
        scenario = _SCENARIO.validate_python(content)
    except ValidationError as error:
        found = error.errors()
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise UsageError(f"{where}: {_sentence(found[0])}{more}") from None
    _check_together(scenario, where)
    return scenario


def _sentence(error: ErrorDetails) -> str:
    *tables, key = [part for part in error["loc"] if not str(part).startswith("function-")] or ["?"]
    table = _table([str(part) if isinstance(part, str) else part for part in tables])
    return key_sentence(error, table, key, f"; expected {_expected(tables)}")


def _table(parts: list[str | int]) -> str:
    names = [str(part) for part in parts if isinstance(part, str)]
    numbers = [part for part in parts if isinstance(part, int)]
    if not names:
        return "top level"
    if numbers:
        return f"[[{'.'.join(names)}]] number {numbers[0] + 1}"
    return f"[{'.'.join(names)}]"


RECORDS = {
    (): Scenario,
    ("target",): Target,
    ("target", "find"): Find,
    ("endpoints",): Endpoint,
    ("weights",): Weights,
    ("think_time",): ThinkTime,
    ("thresholds",): Thresholds,
    ("gates",): Gates,
    ("guards",): Guards,
    ("connections",): Connections,
    ("inside",): InsideSettings,
    ("phases",): PhaseSettings,
}


def _expected(tables: list[str | int]) -> str:
    record = RECORDS.get(tuple(part for part in tables if isinstance(part, str)))
    names = sorted(field.name for field in fields(record)) if record else []
    return "one of " + ", ".join(names) if names else "no such table"


def _check_together(scenario: Scenario, where: str) -> None:
    if not scenario.endpoints and scenario.user_class is None:
        raise UsageError(
            f"{where}: top level: give at least one [[endpoints]] table, or user_class = "
            "'path/to/file.py:ClassName'"
        )
    if scenario.think_time.min_seconds > scenario.think_time.max_seconds:
        raise UsageError(
            f"{where}: [think_time]: min_seconds {scenario.think_time.min_seconds:g} is above "
            f"max_seconds {scenario.think_time.max_seconds:g}"
        )
    find = scenario.target.find
    if find and sum(part is not None for part in (find.pid, find.port, find.name)) != 1:
        raise UsageError(f"{where}: [target.find]: give exactly one of pid, port, name")
    if scenario.endpoints:
        _check_tiers(scenario, where)
    if scenario.connections is not None:
        check_connections(scenario.connections, f"{where}: [connections]")
    for number, endpoint in enumerate(scenario.endpoints, start=1):
        for key in placeholders(endpoint):
            if key not in scenario.values:
                raise UsageError(
                    f"{where}: [[endpoints]] number {number}: '${{{key}}}' has no list of that "
                    f"name in [values]; add {key} = [...] there"
                )


def _check_tiers(scenario: Scenario, where: str) -> None:
    if not any(scenario.weights.of(endpoint.tier) for endpoint in scenario.endpoints):
        raise UsageError(f"{where}: [weights]: every tier that has endpoints weighs 0")
    for tier in Tier:
        has = any(endpoint.tier is tier for endpoint in scenario.endpoints)
        if scenario.weights.of(tier) and not has:
            raise UsageError(
                f"{where}: [weights]: {tier.value} weighs {scenario.weights.of(tier)} but no "
                f"[[endpoints]] has tier = '{tier.value}'; add one or set {tier.value} = 0"
            )


def placeholders(endpoint: Endpoint) -> set[str]:
    """The `${key}` names that an endpoint's path, query, headers and JSON ask for."""
    return _names_in([endpoint.path, endpoint.query, endpoint.headers, endpoint.json])


def _names_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(PLACEHOLDER.findall(value))
    if isinstance(value, dict):
        return set().union(*map(_names_in, value.values())) if value else set()
    if isinstance(value, list | tuple):
        return set().union(*map(_names_in, value)) if value else set()
    return set()
