"""What is known of a target when it and its sidecar went away at the same moment.

A sidecar that shares the pid namespace of a container is ended by the kernel together with the
container's process 1, before it can write that down.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from rundir import Event, RunDirectory

SOME_SECONDS = 2.0
"""Workers tell of their requests a second later; samples may be late by less."""

FULL = 0.9


@dataclass(frozen=True, slots=True)
class LastSecond:
    """Its end, epoch s in the sidecar's clock; the most in use, bytes; None where unknown.

    The very last sample may have been taken while the kernel was already clearing up.
    """

    time: float
    used: int | None
    limit: int | None

    @property
    def words(self) -> str:
        """How full the target was."""
        if self.used is None or self.limit is None:
            return ""
        sizes = f"{self.used / 2**20:.1f} of {self.limit / 2**20:.1f} MiB"
        text = f"{sizes} were in use in its last second"
        return text + (": out of memory, as it seems" if self.used >= FULL * self.limit else "")


def last_second(raw: RunDirectory) -> LastSecond | None:
    """Of the whole rows; None without one."""
    last: deque[tuple[float, int | None, int | None]] = deque()
    try:
        with raw.memory_samples.open(newline="", encoding="utf-8", errors="replace") as stream:
            for row in csv.DictReader(stream):
                if row.get("time") and None not in row.values():
                    last.append((float(row["time"]), _used(row), _bytes(row, "limit")))
                    while last[0][0] < last[-1][0] - 1.0:
                        last.popleft()
    except (OSError, ValueError):
        return None
    if not last:
        return None
    end, _, limit = last[-1]
    return LastSecond(end, max((u for _, u, _ in last if u is not None), default=None), limit)


def _used(row: dict[str, str]) -> int | None:
    return next((_bytes(row, n) for n in ("working_set", "pss", "rss") if row.get(n)), None)


def _bytes(row: dict[str, str], name: str) -> int | None:
    return int(row[name]) if row.get(name) else None


def loss_of_both(
    events: Sequence[Event], sample: LastSecond, at: float, ended: float, run: RunDirectory
) -> Event | None:
    """`target_lost` where only that explains what is there; `at`, `ended`: in the run's clock.

    The sidecar watched process 1 without being it, stopped in the middle of its work, and from
    then on no request succeeded.
    """
    names = {event.name for event in events}
    roots = [e for e in events if e.name == "process_started" and e.fields.get("role") == "root"]
    if names & {"sidecar_stopped", "target_lost"} or not roots or roots[-1].fields["pid"] != 1:
        return None
    if ended - at < SOME_SECONDS or not _all_failed_after(run, at + SOME_SECONDS):
        return None
    command = roots[-1].fields.get("command") or "its command"
    reason = f"pid 1, {command}, ended, and with it everything in its container, the sidecar too"
    words = f"; {sample.words}" if sample.words else ""
    last = events[-1]
    monotonic = last.monotonic + at - last.time
    return Event("target_lost", at, monotonic, {"pid": 1, "reason": reason + words})


def _all_failed_after(run: RunDirectory, moment: float) -> bool:
    """Whether there were requests, and none succeeded."""
    try:
        seconds = json.loads(run.locust_stats_json.read_text())["seconds"]
    except (OSError, ValueError, KeyError):
        return False
    counts = [
        (entry["requests"], entry["failures"])
        for second in seconds
        if second["time"] > moment
        for entry in second["entries"].values()
    ]
    return any(failed for _, failed in counts) and all(made == failed for made, failed in counts)
