"""What one run, or one part of it, says of each endpoint's memory."""

from __future__ import annotations

from dataclasses import dataclass

from reports.attribution.findings import Interval

Key = tuple[str, str]
"""Method and name."""


@dataclass(frozen=True, slots=True)
class EndpointShare:
    """Bytes that stay of one request, with a 95 % interval, or what they are below (97.5 % sure).

    `attributed_from`: regression (a column of its own) or bound (no more than all may have kept).
    """

    key: Key
    bytes_per_request: float | None = None
    ci95: Interval | None = None
    below_bytes: float | None = None
    attributed_from: str | None = None


@dataclass(frozen=True, slots=True)
class NotSeparated:
    """Endpoints of which one or more keep memory; `bytes_per_request` of any of them, on average.

    `in_step`: their requests rose together; else it is the memory that does not tell.
    """

    keys: tuple[Key, ...]
    bytes_per_request: float
    ci95: Interval | None
    in_step: bool


@dataclass(frozen=True, slots=True)
class EndpointShares:
    """All endpoints of a mixed run; `unknown`: why nothing can be said of them."""

    endpoints: tuple[EndpointShare, ...] = ()
    not_separated: tuple[NotSeparated, ...] = ()
    unknown: str | None = None
