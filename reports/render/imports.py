"""What imports cost: the table on the console, and all of it as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from reports.imports.findings import ModuleCost, PackageCost, ProcessImports
from reports.render.gates import printable
from reports.units import count_of, count_text, milliseconds_text, size_text

TOP = 20
PACKAGES_SHOWN = 10
NAME_WIDTH = 44
NOTES = """\
MiB are resident memory before and after each import, pages of library files included, which
processes share. Times are CPython's importtime, taken while memory was measured: without that they
are shorter. Imports that run at the same time in several threads are told apart badly.
"""


def imports_table(processes: Sequence[ProcessImports]) -> str:
    """The process that imports most, then the others in a line each; newline at its end."""
    most, *others = processes
    lines = [
        *_head(most),
        "",
        f"{'module':{NAME_WIDTH}s}  {'own':>10s}  {'cumulative':>10s}  {'own':>8s}  "
        f"{'cumulative':>10s}  imported by",
        *map(_module, most.modules[:TOP]),
        "",
        f"{'package':{NAME_WIDTH}s}  {'own':>10s}  {'modules':>10s}  {'own':>8s}",
        *map(_package, most.packages[:PACKAGES_SHOWN]),
        "",
        *(line for other in others for line in _other(other)),
        *([""] if others else []),
    ]
    return "\n".join(lines) + "\n" + NOTES


def imports_json(processes: Sequence[ProcessImports]) -> str:
    """All modules of all processes; bytes and milliseconds, unknown is null."""
    content = [
        {
            **asdict(one),
            "imported_bytes": one.imported_bytes,
            "explained_bytes": one.explained_bytes,
        }
        for one in processes
    ]
    return json.dumps({"schema": 1, "processes": content}, indent=1) + "\n"


def _head(one: ProcessImports) -> list[str]:
    before = "what its parent had" if one.forked else "Python's own start"
    of = "" if one.idle_bytes is None else f" of {size_text(one.idle_bytes)} at idle"
    return [
        f"explained {size_text(one.explained_bytes)}{of}: {count_of(len(one.modules), 'module')}"
        f" {size_text(one.imported_bytes)}, {before} {size_text(one.start_bytes)}",
        f"process {one.pid}: {printable(one.command)}",
    ]


def _other(one: ProcessImports) -> list[str]:
    ended = " (ended before the service answered)" if one.idle_bytes is None else ""
    first, second = _head(one)
    return [f"{second}{ended}", f"  {first}"]


def _module(row: ModuleCost) -> str:
    return (
        f"{_name(row.module)}  {size_text(row.own_bytes):>10s}"
        f"  {size_text(row.cumulative_bytes):>10s}  {_ms(row.own_ms):>8s}"
        f"  {_ms(row.cumulative_ms):>10s}  {printable(row.imported_by or 'the program')}"
    )


def _package(row: PackageCost) -> str:
    return (
        f"{_name(row.package)}  {size_text(row.own_bytes):>10s}  {count_text(row.modules):>10s}"
        f"  {_ms(row.own_ms):>8s}"
    )


def _name(text: str) -> str:
    return f"{printable(text)[:NAME_WIDTH]:{NAME_WIDTH}s}"


def _ms(value: float | None) -> str:
    return milliseconds_text(None if value is None else round(value))
