"""Locust's counts and histograms, cut exactly at seconds and at phase changes.

Differences of Locust's own cumulative entries are taken once a second: no request listener (that
costs 4 % of the generator's throughput), and the same in one process and on a master.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from locust.env import Environment
from locust.runners import MasterRunner
from locust.stats import StatsEntry

from rundir import RunClock, RunDirectory
from rundir.layout import write_whole

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests, failures and a histogram {response time in ms: requests} of one entry."""

    requests: int = 0
    failures: int = 0
    response_times: Counter[int] = field(default_factory=Counter)

    def since(self, earlier: Counts) -> Counts:
        """What came after `earlier`; all of it where the entry was reset in between."""
        if self.requests < earlier.requests:
            return self
        return Counts(
            self.requests - earlier.requests,
            self.failures - earlier.failures,
            Counter(
                {
                    ms: count - earlier.response_times.get(ms, 0)
                    for ms, count in self.response_times.items()
                    if count != earlier.response_times.get(ms, 0)
                }
            ),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "failures": self.failures,
            "response_times": {str(ms): n for ms, n in sorted(self.response_times.items())},
        }


def _counts(entry: StatsEntry) -> Counts:
    return Counts(entry.num_requests, entry.num_failures, Counter(entry.response_times))


class StatisticsRecorder:
    """Collects per-second and per-phase counts of one run and writes `locust_stats.json`."""

    def __init__(self, environment: Environment, directory: RunDirectory, clock: RunClock) -> None:
        self._environment = environment
        self._directory = directory
        self._clock = clock
        self._last: dict[Key, Counts] = {}
        self._phase_start: dict[Key, Counts] = {}
        self._phase: tuple[str, int] | None = None
        self._idle: list[tuple[str, int]] = []
        self._seconds: list[dict[str, Any]] = []
        self._phases: list[dict[str, Any]] = []
        self._next_write = 0.0

    def _now(self) -> dict[Key, Counts]:
        entries = self._environment.stats.entries
        return {(method, name): _counts(entry) for (name, method), entry in list(entries.items())}

    def phase_begins(self, name: str, index: int, *, idle: bool = False) -> None:
        """Close the counts of the phase before and open those of this one; `idle`: no users."""
        if idle and self._phase and isinstance(self._environment.runner, MasterRunner):
            # Workers report once a second: what still comes in was sent in the phase before.
            self._idle.append((name, index))
            return
        self.phase_ends()
        self._phase_start = self._now()
        self._phase = (name, index)

    def phase_ends(self) -> None:
        """Close the counts of the phase in force, if any."""
        if self._phase is None:
            return
        self._phases += self._open_rows()
        self._phase, self._idle = None, []

    def _open_rows(self) -> list[dict[str, Any]]:
        if self._phase is None:
            return []
        idle = ({"phase": name, "index": index, "entries": []} for name, index in self._idle)
        return [self._phase_row(*self._phase), *idle]

    def _phase_row(self, name: str, index: int) -> dict[str, Any]:
        entries = []
        for (method, entry), counts in self._now().items():
            new = counts.since(self._phase_start.get((method, entry), Counts()))
            entries.append({"method": method, "name": entry, **new.as_json()})
        return {"phase": name, "index": index, "entries": entries}

    def tick(self, users: int) -> tuple[int, int]:
        """Take one second's differences. Returns all requests and failures so far."""
        now = self._now()
        changed = {
            f"{method} {name}": counts.since(self._last.get((method, name), Counts())).as_json()
            for (method, name), counts in now.items()
            if counts.requests != self._last.get((method, name), Counts()).requests
        }
        self._seconds.append({"time": self._clock.now(), "users": users, "entries": changed})
        self._last = now
        totals = (sum(c.requests for c in now.values()), sum(c.failures for c in now.values()))
        if time.monotonic() >= self._next_write:
            started = time.monotonic()
            self.write()
            # A long run's file grows: at most 1 % of the time goes into keeping it safe.
            self._next_write = started + max(5.0, 100 * (time.monotonic() - started))
        return totals

    def write(self) -> None:
        """Replace `locust_stats.json` with all that is known now. Raises OSError."""
        content = {
            "schema": 1,
            "start_time": self._environment.stats.start_time,
            "entries": [_whole_entry(e) for e in self._environment.stats.entries.values()],
            "seconds": self._seconds,
            "per_phase": [*self._phases, *self._open_rows()],
        }
        write_whole(self._directory.locust_stats_json, json.dumps(content))


def _whole_entry(entry: StatsEntry) -> dict[str, Any]:
    return {
        "method": entry.method,
        "name": entry.name,
        "num_requests": entry.num_requests,
        "num_failures": entry.num_failures,
        "num_none_requests": entry.num_none_requests,
        "total_response_time": entry.total_response_time,
        "min_response_time": entry.min_response_time,
        "max_response_time": entry.max_response_time,
        "total_content_length": entry.total_content_length,
        "response_times": {str(ms): n for ms, n in entry.response_times.items()},
        "num_reqs_per_sec": {str(s): n for s, n in entry.num_reqs_per_sec.items()},
        "num_fail_per_sec": {str(s): n for s, n in entry.num_fail_per_sec.items()},
    }
