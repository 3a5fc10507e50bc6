"""Where gates come from: the scenario as the run recorded it, a file, the command line."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

import scenarios.errors
from reports.errors import UsageError
from reports.run_info import RunInfo
from scenarios.loading import load_gates
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
        return GateRules(load_gates(path), path.parent)
    except scenarios.errors.UsageError as error:
        raise UsageError(str(error)) from None


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
