"""Made runs of open connections whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from reports.connections.findings import HeldGrowth, Returned
from reports.connections.growing import growth_while_held
from reports.connections.returning import returned
from reports.connections.stairs import PerConnection, per_connection
from reports.findings import MemoryVerdict
from reports.verdicts.trace import Stage, Trace
from scenarios.model import HOLD_PHASE

MIB, KIB = 1024 * 1024, 1024
STABLE = MemoryVerdict("stable", ("stands",))
STAIRS, STAIR_SECONDS = (40, 80, 120, 160, 200), 12.0
HOLD_SECONDS, REST_SECONDS = 60.0, 20.0


@dataclass(frozen=True)
class Truth:
    """Bytes per connection; bytes per second and connection; share kept; bytes of the first one."""

    each_bytes: float = 0.0
    growing_bytes: float = 0.0
    kept_fraction: float = 0.0
    first_bytes: float = 0.0
    noise_bytes: float = 0.1 * MIB


@dataclass(frozen=True)
class Judged:
    each: PerConnection
    held: HeldGrowth | None
    returned: Returned


def stages() -> tuple[Stage, ...]:
    """Baseline, five stairs up to 200, the hold, cooldown."""
    found = [Stage("baseline", 0.0, REST_SECONDS, 0.0, 0, False)]
    for step, count in enumerate(STAIRS, start=1):
        start = found[-1].end
        found.append(Stage(f"load-{step}", start, start + STAIR_SECONDS, start + 2.4, count, True))
    start = found[-1].end
    found.append(Stage(HOLD_PHASE, start, start + HOLD_SECONDS, start + 1.0, STAIRS[-1], True))
    end = found[-1].end
    return (*found, Stage("cooldown", end, end + REST_SECONDS, end, 0, False))


def made_trace(truth: Truth, seed: int = 3) -> Trace:
    """100 MiB and what the truth adds, 10 samples a second."""
    plan = stages()
    time = np.arange(0.0, plan[-1].end, 0.1)
    opened = np.zeros_like(time)
    for stage in plan:
        opened[(time >= stage.start) & (time < stage.end)] = stage.users or 0
    grown = truth.growing_bytes * np.cumsum(opened) * 0.1
    added = truth.each_bytes * opened + grown + truth.first_bytes * (time >= plan[1].start)
    top = float(added[time < plan[-1].start].max())
    added[time >= plan[-1].start] = truth.kept_fraction * top
    noise = np.random.default_rng(seed).normal(0, truth.noise_bytes, len(time))
    seconds = np.arange(1.0, plan[-1].end + 1)
    requests = np.interp(seconds, time, np.maximum.accumulate(opened))
    return Trace(time, 100 * MIB + added + noise, seconds, requests, plan)


@lru_cache
def judged(truth: Truth, seed: int = 3) -> Judged:
    """As the product judges it."""
    trace = made_trace(truth, seed)
    *stairs, hold = trace.load
    held = growth_while_held(trace, hold)
    each = per_connection(trace, tuple(stairs), STABLE, held)
    return Judged(each, held, returned(trace, each, held, 0))
