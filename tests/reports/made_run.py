"""Builds a run directory with known figures, whole or with parts left out.

Baseline 0-10 s at 100 MiB, load 10-40 s rising from 100 to 200 MiB at 20 users and 40 requests/s,
cooldown 40-50 s at 130 MiB. One process; its high-water mark reaches 210 MiB under load. Limit
512 MiB. Time 0 is START.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rundir import (
    MEMORY_COLUMNS,
    PROCESS_COLUMNS,
    Column,
    EventLog,
    MemorySample,
    ProcessSample,
    RunDirectory,
    TableWriter,
)

START = 1_700_000_000.0
MIB = 1024 * 1024
INTERVAL = 0.1
PHASES = (("baseline", 0, 10, 0), ("load", 10, 40, 20), ("cooldown", 40, 50, 0))
EVIL = "</script><script>alert(1)"
PID = 4711


def phase_at(elapsed: float) -> tuple[str, int]:
    for name, start, end, users in PHASES:
        if start <= elapsed < end:
            return name, users
    return "cooldown", 0


def memory_at(elapsed: float) -> int:
    """Bytes: 100 MiB, then linearly to 200 MiB at 40 s, then 130 MiB."""
    if elapsed < 10:
        return 100 * MIB
    return int((100 + 100 * (elapsed - 10) / 30) * MIB) if elapsed < 40 else 130 * MIB


def event_list() -> list[tuple[str, float, dict[str, Any]]]:
    """Name, elapsed seconds and fields of a complete run's events."""
    events: list[tuple[str, float, dict[str, Any]]] = [
        ("run_started", 0.0, {}),
        ("sidecar_started", 0.0, {"pid": 1, "interval": INTERVAL, "source": "procfs"}),
        ("process_started", 0.0, {"pid": PID, "create_time": START - 5, "role": "root"}),
    ]
    for index, (name, start, end, users) in enumerate(PHASES):
        fields = {"phase": name, "index": index}
        events.append(("phase_started", start, {**fields, "seconds": end - start, "users": users}))
        events.append(("phase_ended", end, fields))
    exited = {"pid": PID, "create_time": START - 5, "role": "root", "planned": True, "exit_code": 0}
    return [*events, ("process_exited", 50.5, exited), ("run_ended", 50.6, {"reason": "completed"})]


def _histogram(requests: int) -> dict[str, int]:
    """Half at 10 ms, 45 % at 20 ms, the rest at 300 ms."""
    half, most = requests // 2, requests * 45 // 100
    return {"10": half, "20": most, "300": requests - half - most}


@dataclass(frozen=True)
class MadeRun:
    """What to write; `cut` (elapsed seconds) ends all that the sidecar and Locust wrote."""

    path: Path
    names: tuple[str, ...] = ("/light", "/heavy")
    sample: Callable[[MemorySample], MemorySample | None] = lambda row: row
    process: Callable[[ProcessSample], ProcessSample | None] = lambda row: row
    cut: float = 1e9
    events: list[tuple[str, float, dict[str, Any]]] = field(default_factory=event_list)
    run: dict[str, Any] = field(default_factory=dict)
    more: tuple[Column, ...] = ()

    def but(self, **changes: Any) -> MadeRun:
        return replace(self, **changes)

    def write(self, *, without: tuple[str, ...] = ()) -> RunDirectory:
        """Write all files except those named."""
        self.path.mkdir(parents=True, exist_ok=True)
        directory = RunDirectory(self.path)
        self._write_events(directory)
        self._write_samples(directory)
        directory.write_run_json({**self._run_json(), **self.run})
        directory.locust_stats_json.write_text(json.dumps(self.statistics()), encoding="utf-8")
        directory.locust_history_csv.write_text(self.history(), encoding="utf-8")
        for name in without:
            (self.path / name).unlink()
        return directory

    def _write_events(self, directory: RunDirectory) -> None:
        log = EventLog(directory.events)
        for name, elapsed, fields in self.events:
            if elapsed <= self.cut:
                log.append(name, time=START + elapsed, monotonic=1000 + elapsed, **fields)
        log.close()

    def _write_samples(self, directory: RunDirectory) -> None:
        memory = TableWriter(directory.memory_samples, (*MEMORY_COLUMNS, *self.more))
        processes = TableWriter(directory.process_samples, PROCESS_COLUMNS)
        for tick in range(int(min(50.0, self.cut) / INTERVAL)):
            elapsed = tick * INTERVAL
            name, users = phase_at(elapsed)
            used = memory_at(elapsed)
            row = self.sample(
                MemorySample(
                    START + elapsed,
                    elapsed,
                    name,
                    users,
                    1,
                    rss=used + 2 * MIB,
                    pss=used,
                    pss_age=0.0,
                    limit=512 * MIB,
                )
            )
            if row is not None:
                memory.append(row)
            if tick % 10 == 0:
                mark = (210 if elapsed >= 20 else 103) * MIB
                one = self.process(
                    ProcessSample(
                        START + elapsed,
                        elapsed,
                        name,
                        PID,
                        START - 5,
                        "root",
                        "python",
                        rss=used + 2 * MIB,
                        pss=used,
                        peak=mark,
                    )
                )
                if one is not None:
                    processes.append(one)
        memory.close()
        processes.close()

    def _run_json(self) -> dict[str, Any]:
        tiers = dict(zip(self.names, ("light", "heavy"), strict=False))
        return {
            "schema": 1,
            "plimsoll_version": "0.1.0",
            "started": START,
            "ended": START + 50.6,
            "end_reason": None,
            "mode": "headless",
            "scenario": {
                "name": "made",
                "endpoints": [
                    {"method": "GET", "path": n, "name": n, "tier": tiers.get(n, "medium")}
                    for n in self.names
                ],
            },
            "target": {"found_by": "command", "command": ["python", "app.py"], "pid": PID},
            "host": {"kernel": "6.1", "mem_total_bytes": 8192 * MIB, "cpus": 4, "hostname": "made"},
            "versions": {"python": "3.11.9", "locust": "2.47.0"},
            "sources": ["procfs"],
            "sampling": {"interval_seconds": INTERVAL},
        }

    def statistics(self) -> dict[str, Any]:
        """20 requests a second and endpoint between 10 s and 40 s; 1 in 100 fails."""
        last = int(min(40.0, self.cut))
        per_second = {str(int(START) + s): 20 for s in range(10, last)}
        count = 20 * len(per_second)
        counts = {"requests": count, "failures": count // 100, "response_times": _histogram(count)}
        entries = [
            {
                "method": "GET",
                "name": name,
                "num_requests": count,
                "num_failures": count // 100,
                "response_times": _histogram(count),
                "num_reqs_per_sec": per_second,
                "num_fail_per_sec": {},
            }
            for name in self.names
        ]
        one = {"requests": 20, "failures": 0, "response_times": _histogram(20)}
        seconds = [
            {
                "time": START + s + 1,
                "users": phase_at(s)[1],
                "entries": {f"GET {n}": one for n in self.names} if 10 <= s < 40 else {},
            }
            for s in range(int(min(50.0, self.cut)))
        ]
        each = [{"method": "GET", "name": name, **counts} for name in self.names]
        none = {"requests": 0, "failures": 0, "response_times": {}}
        idle = [{"method": "GET", "name": name, **none} for name in self.names]
        per_phase = [
            {"phase": name, "index": index, "entries": each if name == "load" else idle}
            for index, (name, start, _, _) in enumerate(PHASES)
            if start < self.cut
        ]
        return {
            "schema": 1,
            "start_time": START,
            "entries": entries,
            "seconds": seconds,
            "per_phase": per_phase,
        }

    def history(self) -> str:
        """Locust's history CSV, with the `Requests/s` column wrong as in life."""
        lines = [
            "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,"
            "Total Request Count,Total Failure Count"
        ]
        for s in range(int(min(50.0, self.cut))):
            done = 20 * max(0, min(s, 40) - 10)
            users = phase_at(s)[1]
            stamp = int(START) + s
            lines += [
                f"{stamp},{users},GET,{name},39.6,0,10,20,{done},{done // 100}"
                for name in self.names
                if done
            ]
            total, failed = done * len(self.names), done // 100 * len(self.names)
            lines.append(f"{stamp},{users},,Aggregated,39.6,0,N/A,N/A,{total},{failed}")
        return "\n".join(lines) + "\n"
