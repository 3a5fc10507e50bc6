"""The looks between phases, out of the events; what is odd in them is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reports.inside.findings import LargeObject
from rundir import Event

FIRST, LAST = "before", "end"


@dataclass(frozen=True, slots=True)
class Look:
    """One process at one moment. `types`: {type: (count, bytes)}; sizes in bytes."""

    moment: str
    pid: int
    source: str
    types: dict[str, tuple[int | None, int]]
    large: tuple[LargeObject, ...]
    explained_bytes: int | None
    rss_bytes: int | None
    heap_used: int | None
    complete: bool
    traced: dict[str, Any]


def looks_of(events: Iterable[Event], moment: str) -> tuple[Look, ...]:
    """Those at that moment, one per process."""
    return tuple(
        _look(event.fields)
        for event in events
        if event.name == "inside_look" and event.fields.get("moment") == moment
    )


def _look(fields: dict[str, Any]) -> Look:
    pid = _whole(fields.get("pid")) or 0
    return Look(
        str(fields.get("moment")),
        pid,
        str(fields.get("source") or ""),
        {
            str(one["type"]): (_whole(one.get("count")), _whole(one.get("size_bytes")) or 0)
            for one in _records(fields.get("types"))
            if "type" in one
        },
        tuple(
            LargeObject(
                pid,
                str(one.get("type")),
                _whole(one.get("size_bytes")) or 0,
                str(one.get("repr") or ""),
            )
            for one in _records(fields.get("large"))
        ),
        _whole(fields.get("explained_bytes")),
        _whole(_record(fields.get("usage")).get("rss_bytes")),
        _whole(_record(fields.get("heap")).get("heap_used")),
        fields.get("complete") is not False,
        _record(fields.get("traced")),
    )


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _records(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
