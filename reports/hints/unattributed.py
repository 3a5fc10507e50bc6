"""A leak that no endpoint is named for."""

from __future__ import annotations

from dataclasses import dataclass

from reports.hints.figures import interval_words
from reports.hints.leaking_endpoint import is_attributed
from reports.hints.seen import DAY_SECONDS, Seen
from reports.units import size_text, small_size_text

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Unattributed:
    """Evidence and stake, as in a hint."""

    evidence: str
    stake_bytes: int


def unattributed(seen: Seen) -> Unattributed | None:
    """None without a leak, or where an endpoint is named."""
    leak = seen.findings.memory.leak
    if leak is None or not leak.bytes_per_request or is_attributed(seen):
        return None
    evidence = (
        f"under load memory grows by {small_size_text(leak.bytes_per_request)} with each request"
        f"{interval_words(leak.bytes_per_request_ci95)}"
    )
    if leak.bytes_per_hour:
        evidence += f", {size_text(leak.bytes_per_hour)} an hour"
    return Unattributed(
        evidence, round((leak.bytes_per_hour or 0.0) * DAY_SECONDS / SECONDS_PER_HOUR)
    )
