"""Where gates come from: the scenario as the run recorded it, a file, the command line."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reports.errors import UsageError
from reports.run_info import RunInfo
from scenarios.model import Gates

_GATES = TypeAdapter(Gates)


@dataclass(frozen=True, slots=True)
class GateRules:
    """The rules, and the folder that a baseline's relative path starts from."""

    gates: Gates
    folder: Path


def read_gates(path: Path) -> GateRules:
    """The `[gates]` table of a TOML file. Raises UsageError naming file, key and what is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
    table = content.get("gates")
    if not isinstance(table, dict):
        raise UsageError(f"{path}: no [gates] table; for instance: [gates] peak_mib = 450")
    return GateRules(_validated(table, str(path)), path.parent)


def rules_of(info: RunInfo) -> GateRules:
    """Those that the run was started with."""
    folder = Path(info.scenario_path).parent if info.scenario_path else Path()
    try:
        return GateRules(_GATES.validate_python(dict(info.gates)), folder)
    except ValidationError:
        # An older or newer writer's: what can be understood counts.
        return GateRules(Gates(), folder)


def merged_rules(of_run: GateRules, given: GateRules | None) -> GateRules:
    """A file's keys stand before the scenario's."""
    if given is None:
        return of_run
    named = {key: value for key, value in asdict(given.gates).items() if value is not None}
    folder = given.folder if given.gates.baseline else of_run.folder
    return GateRules(replace(of_run.gates, **named), folder)


def _validated(table: dict[str, Any], where: str) -> Gates:
    try:
        return _GATES.validate_python(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "?"
        if first["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
            known = ", ".join(sorted(asdict(Gates())))
            raise UsageError(f"{where}: [gates]: unknown key '{key}'; expected {known}") from None
        message = first["msg"][0].lower() + first["msg"][1:]
        raise UsageError(
            f"{where}: [gates]: key '{key}': {message}, got {first['input']!r}"
        ) from None
