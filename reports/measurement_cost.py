"""What the measurement itself cost, from the sidecar's own account of it."""

from __future__ import annotations

from typing import Any

from reports.findings import MeasurementCost
from rundir import Event


def measurement_cost(events: tuple[Event, ...]) -> MeasurementCost:
    """Sums over all sidecars that ended in order; a killed one left no account."""
    accounts = [event.fields for event in events if event.name == "sidecar_stopped"]
    if not accounts:
        return MeasurementCost()
    seconds = _sum(accounts, "seconds")
    cpu = _sum(accounts, "cpu_seconds")
    last = accounts[-1]
    return MeasurementCost(
        cpu_fraction=cpu / seconds if cpu is not None and seconds else None,
        ticks=_whole(_sum(accounts, "ticks")),
        late_ticks=_whole(_sum(accounts, "late_ticks")),
        missed_ticks=_whole(_sum(accounts, "missed_ticks")),
        pss_period_seconds=_number(last.get("pss_period_seconds")),
        rss_bytes=_whole(_number(last.get("rss_bytes"))),
        milliseconds_by_source=_by_source(accounts, seconds),
    )


def _by_source(
    accounts: list[dict[str, Any]], seconds: float | None
) -> tuple[tuple[str, float], ...]:
    if not seconds:
        return ()
    spent: dict[str, float] = {}
    for account in accounts:
        by_source = account.get("seconds_by_source")
        for name, value in by_source.items() if isinstance(by_source, dict) else ():
            spent[str(name)] = spent.get(str(name), 0.0) + (_number(value) or 0.0)
    ordered = sorted(spent.items(), key=lambda entry: -entry[1])
    return tuple((name, 1000 * value / seconds) for name, value in ordered)


def _sum(accounts: list[dict[str, Any]], key: str) -> float | None:
    known = [value for account in accounts if (value := _number(account.get(key))) is not None]
    return sum(known) if known else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
