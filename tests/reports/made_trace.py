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
STAGES = (
    Stage("baseline", 0.0, BASELINE, 0.0, 0, False),
    Stage("load", BASELINE, BASELINE + LOAD, BASELINE + 2.0, 20, True),
    Stage("cooldown", BASELINE + LOAD, BASELINE + LOAD + COOLDOWN, BASELINE + LOAD, 0, False),
)


def served(time: Array) -> Array:
    """Requests that ended by then: RATE a second under load."""
    return RATE * (np.clip(time, BASELINE, BASELINE + LOAD) - BASELINE)


def trace_with(
    extra: Callable[[Array, Array], Array], *, noise: float = 0.1 * MIB, seed: int = 1
) -> Trace:
    """100 MiB, plus `extra(time, requests)` bytes, plus independent noise (standard deviation)."""
    time = np.arange(0.0, STAGES[-1].end, 0.1)
    rng = np.random.default_rng(seed)
    memory = 100 * MIB + extra(time, served(time)) + rng.normal(0, noise, len(time))
    seconds = np.arange(1.0, STAGES[-1].end + 1)
    return Trace(time, memory, seconds, served(seconds), STAGES, limit_bytes=512 * MIB)


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
