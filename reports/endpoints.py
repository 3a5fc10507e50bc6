"""One row per endpoint over the whole run."""

from __future__ import annotations

from reports.aligning import AlignedRun
from reports.findings import EndpointFigures
from reports.histogram import percentile

TIER_ORDER = ("light", "medium", "heavy")


def endpoint_table(run: AlignedRun) -> tuple[EndpointFigures, ...]:
    """The endpoints by tier (light, medium, heavy, others), most requested first."""
    tiers = {(e.method, e.name): e.tier for e in run.data.info.endpoints}
    rows = [
        EndpointFigures(
            entry.method,
            entry.name,
            tiers.get((entry.method, entry.name)) or None,
            entry.requests,
            entry.failures,
            percentile(entry.response_times, 0.50),
            percentile(entry.response_times, 0.95),
            percentile(entry.response_times, 0.99),
        )
        for entry in run.data.statistics.entries
    ]
    return tuple(sorted(rows, key=lambda row: (_rank(row.tier), -row.requests, row.name)))


def _rank(tier: str | None) -> int:
    return TIER_ORDER.index(tier) if tier in TIER_ORDER else len(TIER_ORDER)
