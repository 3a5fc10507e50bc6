"""Traces with known truth, for the verdicts that judge them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from reports.findings import Recovery
from reports.verdicts.recovery import recovery
from reports.verdicts.thresholds import Thresholds
from reports.verdicts.trace import Array, Life, Stage, Trace

MIB = 1024 * 1024
RATE = 50.0
BASELINE, LOAD, COOLDOWN = 10.0, 60.0, 10.0


def stages_with(load: float) -> tuple[Stage, ...]:
    """Baseline, load of that many seconds, cooldown."""
    over = BASELINE + load
    return (
        Stage("baseline", 0.0, BASELINE, 0.0, 0, False),
        Stage("load", BASELINE, over, BASELINE + 2.0, 20, True),
        Stage("cooldown", over, over + COOLDOWN, over, 0, False),
    )


STAGES = stages_with(LOAD)


def served(time: Array, load: float = LOAD) -> Array:
    """Requests that ended by then: RATE a second under load."""
    return RATE * (np.clip(time, BASELINE, BASELINE + load) - BASELINE)


def trace_with(
    extra: Callable[[Array, Array], Array],
    *,
    noise: float = 0.1 * MIB,
    seed: int = 1,
    load: float = LOAD,
) -> Trace:
    """100 MiB, plus `extra(time, requests)` bytes, plus independent noise (standard deviation)."""
    stages = stages_with(load)
    time = np.arange(0.0, stages[-1].end, 0.1)
    rng = np.random.default_rng(seed)
    memory = 100 * MIB + extra(time, served(time, load)) + rng.normal(0, noise, len(time))
    seconds = np.arange(1.0, stages[-1].end + 1)
    return Trace(time, memory, seconds, served(seconds, load), stages, limit_bytes=512 * MIB)


def with_lives(trace: Trace, *lives: Life) -> Trace:
    """The same with these processes."""
    return replace(trace, lives=lives)


def life(
    pid: int,
    memory: Callable[[Array], Array],
    born: float = 0.0,
    died: float | None = None,
    role: str = "worker",
) -> Life:
    """One process, sampled once a second."""
    until = STAGES[-1].end if died is None else died
    time = np.arange(born, until, 1.0)
    return Life(
        pid, role, "gunicorn", born, died, None if died is None else True, time, memory(time)
    )


def recovery_of(trace: Trace) -> Recovery:
    """As the product computes it."""
    return recovery(trace, Thresholds())
