"""A made run directory of any length: 10 ticks a second, five processes and Locust once a second.

Baseline, load and cooldown as 1 : 8 : 1; memory breathes around a level that requests raise a
little, so that each verdict has work to do. Time 0 is START.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rundir import MEMORY_COLUMNS, PROCESS_COLUMNS, EventLog, RunDirectory

START = 1_790_000_000.0
MIB = 2**20
INTERVAL = 0.1
PROCESSES = 5
USERS = 20
ENDPOINTS = tuple(f"/endpoint/{number}" for number in range(8))


def write_long_run(path: Path, seconds: int, seed: int = 1) -> RunDirectory:
    """Write a complete run of `seconds` seconds into `path`, which must not exist."""
    path.mkdir(parents=True)
    directory = RunDirectory(path)
    edges = (0, seconds // 10, seconds * 9 // 10, seconds)
    plan = tuple(
        zip(("baseline", "load", "cooldown"), edges, edges[1:], (0, USERS, 0), strict=False)
    )
    random = np.random.default_rng(seed)
    _write_events(directory, plan)
    _write_memory(directory, seconds, plan, random)
    _write_processes(directory, seconds, plan, random)
    _write_statistics(directory, seconds, plan, random)
    directory.write_run_json(_run_json(seconds))
    return directory


Array = NDArray[np.float64]
Plan = tuple[tuple[str, int, int, int], ...]


def _phases(elapsed: Array, plan: Plan) -> tuple[NDArray[Any], NDArray[Any]]:
    """Name and users at each moment."""
    starts = np.array([start for _, start, _, _ in plan])
    index = np.searchsorted(starts, elapsed, side="right") - 1
    return np.array([row[0] for row in plan])[index], np.array([row[3] for row in plan])[index]


def _level(elapsed: Array, plan: Plan, random: np.random.Generator) -> Array:
    """Bytes: 100 MiB idle, 60 MiB more under load, and 40 bytes a request that stay."""
    _, start, end, _ = plan[1]
    loaded = np.clip(elapsed - start, 0, end - start)
    busy = (elapsed >= start) & (elapsed < end)
    noise = random.normal(0, 2 * MIB, len(elapsed))
    level: Array = 100 * MIB + 60 * MIB * busy + 40 * 40 * loaded + noise
    return level


def _write_memory(
    directory: RunDirectory, seconds: int, plan: Plan, random: np.random.Generator
) -> None:
    elapsed: Array = np.arange(int(seconds / INTERVAL)).astype(np.float64) * INTERVAL
    phase, users = _phases(elapsed, plan)
    used = _level(elapsed, plan, random).astype(np.int64)
    frame = pd.DataFrame(index=range(len(elapsed)), columns=[c.name for c in MEMORY_COLUMNS])
    known: dict[str, Any] = {
        "time": np.round(START + elapsed, 6), "elapsed": np.round(elapsed, 6), "phase": phase,
        "users": users, "processes": PROCESSES, "rss": used + 20 * MIB, "pss": used,
        "pss_age": 0.0, "uss": used - 10 * MIB, "swap": 0, "limit": 512 * MIB, "threads": 20,
        "fds": 60, "connections": users, "system_available": 8 * 2**30, "system_swap_used": 0,
        "late": 0.0001, "peak": used + 3 * MIB, "pss_file": 10 * MIB,
    }  # fmt: skip
    for name, values in known.items():
        frame[name] = values
    frame.to_csv(directory.memory_samples, index=False)


def _write_processes(
    directory: RunDirectory, seconds: int, plan: Plan, random: np.random.Generator
) -> None:
    elapsed = np.repeat(np.arange(seconds, dtype=float), PROCESSES)
    phase, _ = _phases(elapsed, plan)
    own = (_level(elapsed, plan, random) / PROCESSES).astype(np.int64)
    number = np.tile(np.arange(PROCESSES), seconds)
    frame = pd.DataFrame(
        {
            "time": START + elapsed,
            "elapsed": elapsed,
            "phase": phase,
            "pid": 4711 + number,
            "create_time": START - 5,
            "role": np.where(number == 0, "root", "worker"),
            "name": "python",
            "rss": own + 4 * MIB,
            "pss": own,
            "uss": own - 2 * MIB,
            "peak": own + 5 * MIB,
            "threads": 4,
            "fds": 12,
            "rss_file": 3 * MIB,
        }
    )
    frame[[column.name for column in PROCESS_COLUMNS]].to_csv(
        directory.process_samples, index=False
    )


def _write_statistics(
    directory: RunDirectory, seconds: int, plan: Plan, random: np.random.Generator
) -> None:
    """As the harness writes it: per second, per phase and in all, with histograms in ms."""
    milliseconds = ["4", "5", "6", "8", "11", "16", "25", "40", "75", "210"]
    _, start, end, _ = plan[1]
    counts = random.multinomial(5, [0.1] * 10, size=(end - start, len(ENDPOINTS)))
    rows = []
    for second in range(seconds):
        entries = {}
        if start <= second < end:
            for name, bins in zip(ENDPOINTS, counts[second - start], strict=True):
                times = {m: int(n) for m, n in zip(milliseconds, bins, strict=True) if n}
                entries[f"GET {name}"] = {"requests": 5, "failures": 0, "response_times": times}
        users = USERS if entries else 0
        rows.append({"time": START + second + 1, "users": users, "entries": entries})
    totals = counts.sum(axis=0)
    histograms = [{m: int(n) for m, n in zip(milliseconds, bins, strict=True)} for bins in totals]
    whole = [
        {
            "method": "GET", "name": name, "num_requests": 5 * (end - start), "num_failures": 0,
            "response_times": histogram, "num_reqs_per_sec": {}, "num_fail_per_sec": {},
        }
        for name, histogram in zip(ENDPOINTS, histograms, strict=True)
    ]  # fmt: skip
    in_load = [
        {"method": "GET", "name": name, "requests": 5 * (end - start), "failures": 0,
         "response_times": histogram}
        for name, histogram in zip(ENDPOINTS, histograms, strict=True)
    ]  # fmt: skip
    per_phase = [
        {"phase": name, "index": index, "entries": in_load if users else []}
        for index, (name, _, _, users) in enumerate(plan)
    ]
    content = {"schema": 1, "entries": whole, "seconds": rows, "per_phase": per_phase}
    directory.locust_stats_json.write_text(json.dumps(content), encoding="utf-8")


def _write_events(directory: RunDirectory, plan: Plan) -> None:
    log = EventLog(directory.events)
    end = plan[-1][2]

    def at(name: str, elapsed: float, **fields: object) -> None:
        log.append(name, time=START + elapsed, monotonic=1000 + elapsed, **fields)

    at("run_started", 0.0)
    at("sidecar_started", 0.0, pid=1, interval=INTERVAL, sources=["procfs"])
    for number in range(PROCESSES):
        role = "worker" if number else "root"
        at("process_started", 0.0, pid=4711 + number, create_time=START - 5, role=role)
    for index, (name, start, stop, users) in enumerate(plan):
        at("phase_started", start, phase=name, index=index, seconds=stop - start, users=users)
        at("phase_ended", stop, phase=name, index=index, peaks={}, since_start=False)
    at("run_ended", end, reason="completed")
    log.close()


def _run_json(seconds: int) -> dict[str, object]:
    endpoints = [{"method": "GET", "path": n, "name": n, "tier": "light"} for n in ENDPOINTS]
    return {
        "schema": 1, "started": START, "ended": START + seconds, "end_reason": "completed",
        "mode": "headless", "scenario": {"name": "long", "endpoints": endpoints},
        "target": {"found_by": "command", "command": ["made"], "pid": 4711},
        "host": {"hostname": "made", "mem_total_bytes": 16 * 2**30, "cpus": 8},
        "sampling": {"interval_seconds": INTERVAL},
        "generator": {"users": USERS, "workers": 0},
    }  # fmt: skip
