"""The components' table on the console."""

from __future__ import annotations

from reports.inside.findings import Components, HeldBy
from reports.render.gates import printable
from reports.units import percent, size_text, small_size_text

LINES_SHOWN = 5


def components_table(found: Components) -> str:
    """By component, then the lines that grew most; newline at its end."""
    lines = [
        f"explained {size_text(found.traced_growth_bytes)} of about {size_text(found.growth_bytes)}"
        f"; tracing: {percent(found.rate_ratio)} of the request rate,"
        f" {size_text(found.own_bytes)} of its own",
        "",
        f"{'component':40s}  {'held':>10s}  {'growth':>10s}  {'share':>6s}",
        *(_row(row) for row in found.components),
        "",
        *(_row(row) for row in found.lines[:LINES_SHOWN]),
    ]
    return "\n".join(lines) + "\n"


def _row(row: HeldBy) -> str:
    sizes = f"{small_size_text(row.size_bytes):>10s}  {small_size_text(row.growth_bytes):>10s}"
    return f"{printable(row.name)[:40]:40s}  {sizes}  {percent(row.share):>6s}"
