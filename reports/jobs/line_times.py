"""When a line of a log was written: ISO 8601 at its start, or a value of a field."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from reports.jobs.job_run import number

AT_START = re.compile(
    r"\W{0,2}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?\s?(?:Z|[+-]\d\d:?\d\d)?)(?!\d)"
)
UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From so large a number of an epoch on, it counts so many of its units to the second."""


def time_at_start(text: str) -> float | None:
    """Seconds since the epoch; a time without a zone is taken as UTC: only differences count."""
    found = AT_START.match(text)
    return _iso(found[1]) if found else None


def time_of_value(value: Any) -> float | None:
    """The same of a field: ISO 8601, or seconds, milli-, micro- or nanoseconds since the epoch."""
    if isinstance(value, str) and (stamp := time_at_start(value)) is not None:
        return stamp
    epoch = number(value)
    if epoch is None or epoch <= 0:
        return None
    return next((epoch / per_second for least, per_second in UNITS if epoch >= least), epoch)


def _iso(text: str) -> float | None:
    # fromisoformat takes no blank before the zone.
    joined = re.sub(r"\s(?=[Z+-])", "", text.strip())
    try:
        stamp = datetime.fromisoformat(joined)
    except ValueError:
        return None
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()
