"""components.json: who allocated what, as a run with tracing has told; an input of the report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reports.errors import UsageError
from reports.findings import Findings
from reports.inside.findings import Components, HeldBy
from reports.inside.looks import FIRST, LAST, Look, looks_of
from reports.loading import RunData
from rundir.layout import write_whole

TOP = 20
_COMPONENTS = TypeAdapter(Components)


def read_components(path: Path) -> Components | None:
    """None where there is none, or it cannot be read."""
    try:
        return _COMPONENTS.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None


def write_components(path: Path, found: Components) -> None:
    """Replace the file. Raises OSError."""
    write_whole(path, json.dumps(asdict(found), indent=1) + "\n")


def components_of(data: RunData, traced: Findings, untraced: Findings) -> Components:
    """From a traced run, with the untraced one for what tracing cost. Raises UsageError."""
    before, after = (looks_of(data.events, moment) for moment in (FIRST, LAST))
    if not any(look.traced for look in after):
        raise UsageError(
            f"{data.directory.path}: no process told what was traced there: is the target a Python"
            " service that the suite starts, or that has install(app)?"
        )
    return Components(
        data.directory.path.name,
        _held("components", before, after),
        _held("packages", before, after),
        _held("lines", before, after),
        _told("traced_bytes", after),
        _told("traced_bytes", after) - _told("traced_bytes", before),
        _expected(traced, untraced),
        _told("own_bytes", after),
        _ratio(traced, untraced, "requests_per_second"),
        _ratio(traced, untraced, "p95_ms"),
    )


def _told(name: str, looks: Sequence[Look]) -> int:
    return sum(int(look.traced.get(name) or 0) for look in looks)


def _expected(traced: Findings, untraced: Findings) -> int | None:
    """What so many requests leave live without tracing: the resident size of a traced process is
    mostly tracing's own.
    """
    split = untraced.recovery.split
    requests = [sum(p.requests or 0 for p in of.phases if p.is_load) for of in (traced, untraced)]
    if split is None or not requests[1]:
        return None
    return round(split.live_bytes * requests[0] / requests[1])


def _held(kind: str, before: Sequence[Look], after: Sequence[Look]) -> tuple[HeldBy, ...]:
    then, now = _sums(kind, before), _sums(kind, after)
    growth = {name: size - then.get(name, 0) for name, size in now.items()}
    grown = sum(size for size in growth.values() if size > 0)
    rows = [
        HeldBy(name, now[name], size, max(0, size) / grown if grown > 0 else None)
        for name, size in growth.items()
    ]
    return tuple(sorted(rows, key=lambda row: -row.growth_bytes)[:TOP])


def _sums(kind: str, looks: Sequence[Look]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for look in looks:
        for row in look.traced.get(kind) or []:
            sums[str(row["name"])] += int(row["size_bytes"])
    return sums


def _ratio(traced: Findings, untraced: Findings, name: str) -> float | None:
    values = [
        next((one.value for one in of.measured if one.name == name), None)
        for of in (traced, untraced)
    ]
    return values[0] / values[1] if values[0] is not None and values[1] else None
