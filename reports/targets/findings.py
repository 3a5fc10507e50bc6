"""What the report says of each of several targets, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TargetFigures:
    """One target; bytes, None is unknown.

    `idle`: mean before the load; `load`: mean under load; `growth`: from baseline to the load's
    top; `share` of the total under load. `fit` by its own limit. Rates are per request to the
    whole service: which target served a request is not known.
    """

    name: str
    host: str | None
    idle_bytes: int | None
    load_bytes: int | None
    peak_bytes: int | None
    growth_bytes: int | None
    share: float | None
    limit_bytes: int | None
    recommended_bytes: int | None
    fit: str
    fit_reasons: tuple[str, ...]
    memory: str
    reasons: tuple[str, ...]
    leak_bytes_per_request: float | None = None
    leak_ci95: tuple[float, float] | None = None
    seconds_to_limit: float | None = None
