"""A run directory that followed an attribution plan against a service whose costs are known."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from reports.aligning import align
from reports.attribution.assembling import attribution_of
from reports.attribution.findings import Alone, Attribution
from reports.loading import load
from reports.tracing import trace_of
from reports.verdicts.trace import Life
from rundir import (
    MEMORY_COLUMNS,
    EventLog,
    MemorySample,
    RunDirectory,
    TableWriter,
)
from scenarios.isolation import with_endpoints_alone
from scenarios.model import Endpoint, PhaseSettings, Tier
from scenarios.phases import Phase, PhasePlan, make_plan

START = 1_700_000_000.0
INTERVAL = 0.1
TICKS_IN_SECOND = 10
KIB, MIB = 1024, 1024 * 1024

ENDPOINTS = (
    Endpoint("/ping", Tier.LIGHT),
    Endpoint("/list", Tier.MEDIUM),
    Endpoint("/show", Tier.MEDIUM),
    Endpoint("/report", Tier.HEAVY),
    Endpoint("/export", Tier.HEAVY),
    Endpoint("/search", Tier.HEAVY),
)
SHARES = {Tier.LIGHT: 0.6, Tier.MEDIUM: 0.3, Tier.HEAVY: 0.1}


@dataclass(frozen=True)
class Service:
    """The truth: bytes per request by path, bytes once, bytes per second without any request.

    `slack`: an allocator keeps it after a crowd that asked this path, until users come again;
    `builds_up`: the same, but it comes bit by bit while they ask. `once_in_mix`: at its start.
    `ends_in`: in the middle of this phase a process takes all but 90 MiB along.
    """

    retained: dict[str, int] = field(default_factory=dict)
    transient: dict[str, int] = field(default_factory=dict)
    once: dict[str, int] = field(default_factory=dict)
    slack: dict[str, int] = field(default_factory=dict)
    builds_up: dict[str, int] = field(default_factory=dict)
    once_in_mix: int = 0
    ends_in: str = ""
    rarely: dict[str, float] = field(default_factory=dict)
    failing: tuple[str, ...] = ()
    idle_bytes_per_second: float = 0.0
    noise_bytes: float = 0.15 * MIB
    rate: float = 40.0
    single_rate: float = 20.0


@dataclass
class _State:
    level: float
    seen: set[str] = field(default_factory=set)
    slack: float = 0.0
    pending: Counter[str] = field(default_factory=Counter)
    seconds: list[dict[str, object]] = field(default_factory=list)

    def count(self, elapsed: float, users: int) -> None:
        """Close the second that ends then, as the statistics of each second do."""
        entries = {f"GET {path}": {"requests": n, "failures": 0, "response_times": {"5": n}}
                   for path, n in self.pending.items()}  # fmt: skip
        self.seconds.append({"time": START + elapsed, "users": users, "entries": entries})
        self.pending.clear()


def write_run(
    path: Path,
    service: Service,
    seed: int = 0,
    *,
    isolated: tuple[str, ...] = ("/report", "/export", "/search"),
    phases: int | None = None,
    cut_seconds: float | None = None,
    unread: tuple[str, ...] = (),
    **lengths: Any,
) -> RunDirectory:
    """The run, up to so many of its phases; endpoints of these paths were seen alone.

    `cut_seconds`: the last of these lasts no longer. `unread`: phases without samples.
    `lengths`: more of the plan's settings.
    """
    lengths.setdefault("load_seconds", 60.0)
    settings = PhaseSettings(plan="attribution", users=10, **lengths)
    plan = make_plan(settings)
    alone = [one for one in ENDPOINTS if one.path in isolated]
    plan, _ = with_endpoints_alone(plan, settings, alone)
    path.mkdir(parents=True)
    directory = RunDirectory(path)
    followed = list(plan.phases[:phases])
    if cut_seconds is not None:
        followed[-1] = replace(followed[-1], seconds=cut_seconds)
    shorter = PhasePlan(plan.kind, tuple(followed))
    random = np.random.default_rng(seed)
    _write(directory, plan, shorter, service=service, random=random, unread=unread)
    return directory


def _write(
    directory: RunDirectory,
    plan: PhasePlan,
    followed: PhasePlan,
    *,
    service: Service,
    random: np.random.Generator,
    unread: tuple[str, ...],
) -> None:
    directory.write_run_json(
        {
            "schema": 1,
            "started": START,
            "plan": {"kind": plan.kind, "phases": [asdict(phase) for phase in plan.phases]},
            "scenario": {"name": "made", "endpoints": [_endpoint(one) for one in ENDPOINTS]},
            "target": {"pid": 1},
            "sampling": {"interval_seconds": INTERVAL},
        }
    )
    log, memory = EventLog(directory.events), TableWriter(directory.memory_samples, MEMORY_COLUMNS)
    state, elapsed, rows = _State(100.0 * MIB), 0.0, []
    totals: Counter[str] = Counter()
    for index, phase in enumerate(followed.phases):
        more = {"phase": phase.name, "index": index}
        length = {"seconds": phase.seconds, "users": phase.users}
        _note(log, "phase_started", elapsed, **more, **length)
        table = None if phase.name in unread else memory
        counts = _follow(table, phase, (service, random, state), elapsed)
        totals.update(counts)
        entries = [_entry(name, n, name in service.failing) for name, n in counts.items()]
        rows.append({**more, "entries": entries})
        elapsed += phase.seconds
        _note(log, "phase_ended", elapsed, **more)
    log.close()
    memory.close()
    directory.locust_stats_json.write_text(
        json.dumps(
            {
                "schema": 1,
                "entries": [_entry(name, count) for name, count in totals.items()],
                "seconds": state.seconds,
                "per_phase": rows,
            }
        )
    )


def _note(log: EventLog, name: str, elapsed: float, **more: Any) -> None:
    log.append(name, time=START + elapsed, monotonic=elapsed, **more)


def _follow(
    memory: TableWriter | None,
    phase: Phase,
    under_load: tuple[Service, np.random.Generator, _State],
    elapsed: float,
) -> dict[str, int]:
    """Samples of one phase; requests by path."""
    service, random, state = under_load
    ticks = round(phase.seconds / INTERVAL)
    if phase.users:
        paths = tuple(_shares(phase)) if phase.paced and phase.name != "load" else ()
        state.slack = float(sum(service.slack.get(path, 0) for path in paths))
        grows = sum(service.builds_up.get(path, 0) for path in paths) / ticks
        state.level += service.once_in_mix if phase.name == "load" else 0
    else:
        grows = 0.0
    counts: dict[str, int] = {}
    shares = {path: s * service.rarely.get(path, 1.0) for path, s in _shares(phase).items()}
    rate = service.single_rate if not phase.paced else service.rate
    for tick in range(ticks):
        if phase.name == service.ends_in and tick == ticks // 2:
            state.level = 90.0 * MIB
        state.level += service.idle_bytes_per_second * INTERVAL
        state.slack += grows
        borrowed = 0.0
        for path, share in shares.items() if phase.users else ():
            asked = int(random.poisson(rate * share * INTERVAL))
            counts[path] = counts.get(path, 0) + asked
            state.pending[path] += asked
            state.level += asked * service.retained.get(path, 0)
            if asked and path not in state.seen:
                state.seen.add(path)
                state.level += service.once.get(path, 0)
            at_once = min(asked, 1 if phase.users == 1 else 3)
            borrowed = max(borrowed, at_once * float(service.transient.get(path, 0)))
        used = state.level + state.slack + random.normal(0, service.noise_bytes)
        at = elapsed + tick * INTERVAL
        if (tick + 1) % TICKS_IN_SECOND == 0:
            state.count(at + INTERVAL, phase.users)
        if memory is None:
            continue
        memory.append(
            MemorySample(
                START + at, at, phase.name, phase.users, 1,
                rss=round(used), pss=round(used), pss_age=0.0,
                peak=round(used + borrowed),
            )
        )  # fmt: skip
    return counts


def _shares(phase: Phase) -> dict[str, float]:
    chosen = [
        one
        for one in ENDPOINTS
        if (one.key in phase.endpoints if phase.endpoints else one.tier in phase.tiers)
    ]
    weights = {
        one.path: SHARES[one.tier] / sum(other.tier is one.tier for other in chosen)
        for one in chosen
    }
    return {path: weight / sum(weights.values()) for path, weight in weights.items()}


def _endpoint(one: Endpoint) -> dict[str, str]:
    return {"method": one.method, "path": one.path, "tier": one.tier.value}


def _entry(path: str, requests: int, fails: bool = False) -> dict[str, object]:
    failures = requests if fails else 0
    return {"method": "GET", "name": path, "requests": requests, "failures": failures}


def attributed(
    directory: RunDirectory, ends_in: str = "", held: int = 40 * MIB
) -> tuple[Attribution, tuple[str, ...]]:
    """What the reports find in it, and their caveats.

    A worker that held so many bytes ended in the middle of the phase `ends_in`.
    """
    run = align(load(directory.path))
    trace = trace_of(run, (), None)
    for stage in trace.stages:
        if stage.name == ends_in:
            died, seen = (stage.start + stage.end) / 2, np.array([0.0])
            worker = Life(2, "worker", "gunicorn", -5.0, died, True, seen, seen + held)
            trace = replace(trace, lives=(worker,))
    found, caveats = attribution_of(run, trace)
    assert found is not None
    return found, caveats


def of(found: Attribution, path: str) -> Alone:
    """The endpoint that was seen alone."""
    return next(one for one in found.endpoints if one.endpoint == f"GET {path}")
