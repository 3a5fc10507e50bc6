"""One process's file of import costs and its times -> ProcessImports."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reports.imports.findings import ModuleCost, PackageCost, ProcessImports
from reports.imports.times import Times


@dataclass(frozen=True)
class Start:
    """The first line of a process, bytes."""

    pid: int
    parent_pid: int
    command: tuple[str, ...]
    forked: bool
    rss_bytes: int


@dataclass(frozen=True)
class Imported:
    """One module made, or executed, bytes."""

    module: str
    own_bytes: int
    cumulative_bytes: int
    imported_by: str | None


_START, _IMPORTED = TypeAdapter(Start), TypeAdapter(Imported)


def process_imports(
    lines: Iterable[str], times: Mapping[str, Times], idle: Mapping[int, int]
) -> ProcessImports | None:
    """None where no process told of itself. `idle`: {pid: resident bytes}; torn lines are left out.

    A program that replaces itself (exec) begins anew: the last beginning counts.
    """
    start: Start | None = None
    steps: list[Imported] = []
    for content in filter(None, map(_object, lines)):
        try:
            if "pid" in content:
                start, steps = _START.validate_python(content), []
            else:
                steps.append(_IMPORTED.validate_python(content))
        except ValidationError:
            continue
    if start is None:
        return None
    modules = _modules(steps, times)
    return ProcessImports(
        start.pid,
        start.parent_pid,
        " ".join(start.command),
        start.forked,
        start.rss_bytes,
        idle.get(start.pid),
        modules,
        _packages(modules),
    )


def _object(line: str) -> dict[str, Any] | None:
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _modules(steps: Iterable[Imported], times: Mapping[str, Times]) -> tuple[ModuleCost, ...]:
    """A module is made first and executed then: both are its own. Largest first."""
    found: dict[str, ModuleCost] = {}
    for step in steps:
        took, known = times.get(step.module), found.get(step.module)
        own, cumulative = (took.own_ms, took.cumulative_ms) if took else (None, None)
        row = ModuleCost(
            step.module, step.own_bytes, step.cumulative_bytes, own, cumulative, step.imported_by
        )
        found[step.module] = row if known is None else _together(known, row)
    return tuple(sorted(found.values(), key=lambda row: -row.cumulative_bytes))


def _together(first: ModuleCost, second: ModuleCost) -> ModuleCost:
    return replace(
        first,
        own_bytes=first.own_bytes + second.own_bytes,
        cumulative_bytes=first.cumulative_bytes + second.cumulative_bytes,
    )


def _packages(modules: Iterable[ModuleCost]) -> tuple[PackageCost, ...]:
    rows: dict[str, PackageCost] = {}
    for module in modules:
        name = module.module.partition(".")[0]
        old = rows.get(name, PackageCost(name, 0, 0, None))
        took = [ms for ms in (old.own_ms, module.own_ms) if ms is not None]
        rows[name] = PackageCost(
            name,
            old.modules + 1,
            old.own_bytes + module.own_bytes,
            sum(took) if took else None,
        )
    return tuple(sorted(rows.values(), key=lambda row: -row.own_bytes))
