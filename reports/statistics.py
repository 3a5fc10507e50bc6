"""Locust's counts: the exact totals of locust_stats.json, or the history CSV where that is lost."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

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
    """What Locust counted. `source` names the file, None where there was none."""

    source: str | None = None
    entries: tuple[EntryCounts, ...] = ()
    seconds: tuple[Second, ...] = ()
    per_phase: tuple[PhaseCounts, ...] = ()


def read_totals(path: Path) -> Statistics:
    """Read locust_stats.json.

    Raises FileNotFoundError, or ValueError where it is torn or of another schema.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("schema", 1) != 1:
        raise ValueError(f"{path.name}: unknown content")
    try:
        entries = tuple(_entry(entry) for entry in content.get("entries") or [])
        seconds = _seconds(content.get("seconds") or [])
        return Statistics(
            path.name,
            entries,
            seconds or _seconds_from_entries(content.get("entries") or []),
            tuple(_phase(phase) for phase in content.get("per_phase") or []),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: unknown content ({error})") from error


def read_history(path: Path) -> Statistics:
    """Read Locust's history CSV by differences of its cumulative counts.

    Never by its `Requests/s` column, which is relative to the last request. Raises
    FileNotFoundError, or ValueError where the columns are not Locust's.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        # The last line of a killed writer may end within a number.
        whole_lines = text[: text.rfind("\n") + 1]
        frame = pd.read_csv(io.StringIO(whole_lines), on_bad_lines="skip")
        for column in ("Timestamp", "User Count", "Total Request Count", "Total Failure Count"):
            frame[column] = pd.to_numeric(frame[column], errors="coerce")
        frame = frame.dropna(subset=["Timestamp", "Total Request Count", "Total Failure Count"])
        whole = frame[frame["Name"] == "Aggregated"]
        single = frame[frame["Name"] != "Aggregated"]
    except KeyError as error:
        raise ValueError(f"{path.name}: no column {error}") from error
    last = single.fillna({"Type": ""}).groupby(["Type", "Name"], sort=True).last()
    entries = tuple(
        EntryCounts(str(key[0]), str(key[1]), int(total), int(failed))
        for key, total, failed in zip(
            last.index.to_list(),
            last["Total Request Count"],
            last["Total Failure Count"],
            strict=True,
        )
    )
    return Statistics(path.name, entries, _seconds_from_history(whole))


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


def _seconds_from_history(whole: pd.DataFrame) -> tuple[Second, ...]:
    seconds: list[Second] = []
    before_time, before_total, before_failed = None, 0, 0
    for time, users, total, failed in zip(
        whole["Timestamp"].astype(float),
        whole["User Count"],
        whole["Total Request Count"].astype(int),
        whole["Total Failure Count"].astype(int),
        strict=True,
    ):
        if before_time is not None and time <= before_time:
            continue
        length = 1.0 if before_time is None else time - before_time
        known_users = None if pd.isna(users) else int(users)
        new, new_failed = max(0, total - before_total), max(0, failed - before_failed)
        seconds.append(Second(time, length, known_users, new, new_failed))
        before_time, before_total, before_failed = time, total, failed
    return tuple(seconds)
