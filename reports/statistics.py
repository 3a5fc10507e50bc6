"""Locust's counts: the exact totals of locust_stats.json."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports.endpoint_seconds import EndpointSeconds, endpoint_seconds
from reports.histogram import Histogram, merged


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """Requests and failures of one endpoint; response times as {ms: requests}."""

    method: str
    name: str
    requests: int
    failures: int
    response_times: Histogram = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Second:
    """All requests that ended in the `seconds` before `time` (epoch seconds)."""

    time: float
    seconds: float
    users: int | None
    requests: int
    failures: int
    response_times: Histogram = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PhaseCounts:
    """The exact counts of one phase, attributed by the harness."""

    phase: str
    index: int
    entries: tuple[EntryCounts, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What Locust counted. `source` names the file, None where there was none.

    `per_endpoint`: the seconds endpoint by endpoint, None where nobody wrote them.
    """

    source: str | None = None
    entries: tuple[EntryCounts, ...] = ()
    seconds: tuple[Second, ...] = ()
    per_phase: tuple[PhaseCounts, ...] = ()
    per_endpoint: EndpointSeconds | None = field(default=None, compare=False)


def read_totals(path: Path) -> Statistics:
    """Read locust_stats.json.

    Raises FileNotFoundError, or ValueError where it is torn or of another schema.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("schema", 1) != 1:
        raise ValueError(f"{path.name}: unknown content")
    try:
        entries = tuple(_entry(entry) for entry in content.get("entries") or [])
        rows = content.get("seconds") or []
        seconds = _seconds(rows)
        return Statistics(
            path.name,
            entries,
            seconds or _seconds_from_entries(content.get("entries") or []),
            tuple(_phase(phase) for phase in content.get("per_phase") or []),
            endpoint_seconds(rows, {(one.method, one.name): one.requests for one in entries}),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: unknown content ({error})") from error


def _histogram(value: Any) -> Histogram:
    return {float(ms): int(count) for ms, count in (value or {}).items()}


def _entry(entry: dict[str, Any]) -> EntryCounts:
    requests = entry["num_requests"] if "num_requests" in entry else entry["requests"]
    failures = entry["num_failures"] if "num_failures" in entry else entry["failures"]
    return EntryCounts(
        str(entry.get("method") or ""),
        str(entry["name"]),
        int(requests),
        int(failures),
        _histogram(entry.get("response_times")),
    )


def _phase(phase: dict[str, Any]) -> PhaseCounts:
    entries = tuple(_entry(entry) for entry in phase.get("entries") or [])
    return PhaseCounts(str(phase["phase"]), int(phase.get("index") or 0), entries)


def _seconds(rows: list[dict[str, Any]]) -> tuple[Second, ...]:
    seconds: list[Second] = []
    before: float | None = None
    for row in rows:
        time, counts = float(row["time"]), list((row.get("entries") or {}).values())
        length = 1.0 if before is None else max(0.0, time - before)
        users = row.get("users")
        second = Second(
            time,
            length,
            None if users is None else int(users),
            sum(int(entry.get("requests") or 0) for entry in counts),
            sum(int(entry.get("failures") or 0) for entry in counts),
            merged(_histogram(entry.get("response_times")) for entry in counts),
        )
        before = time
        # A fraction of a second would turn a few requests into a peak of the rate.
        seconds.append(_joined(seconds.pop(), second) if seconds and length < 0.5 else second)
    return tuple(seconds)


def _joined(first: Second, then: Second) -> Second:
    return Second(
        max(first.time, then.time),
        first.seconds + then.seconds,
        then.users if first.users is None else first.users,
        first.requests + then.requests,
        first.failures + then.failures,
        merged((first.response_times, then.response_times)),
    )


def _seconds_from_entries(entries: list[dict[str, Any]]) -> tuple[Second, ...]:
    """Per-second counts without users and histograms; silent seconds between are 0 requests."""
    requests: Counter[int] = Counter()
    failures: Counter[int] = Counter()
    for entry in entries:
        requests.update({int(s): int(n) for s, n in (entry.get("num_reqs_per_sec") or {}).items()})
        failures.update({int(s): int(n) for s, n in (entry.get("num_fail_per_sec") or {}).items()})
    if not requests:
        return ()
    first, last = min(requests), max(requests)
    if last - first > 10_000_000:
        raise ValueError("per-second counts span more than 100 days")
    return tuple(
        Second(second + 1.0, 1.0, None, requests[second], failures[second])
        for second in range(first, last + 1)
    )
