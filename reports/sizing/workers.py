"""Gunicorn: how many workers fit, and after how many requests a leaking one is replaced.

predicted(w) = master + w x worker + leak x (max_requests + jitter) x w, and
max_requests = floor(0.5 x (gate - foot) / leak / w), rounded down to two digits: half of the room
below the gate is for the leak. The worst case takes the jitter on top (gunicorn adds 0 to jitter).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from reports.findings import Leak, MemoryVerdict, WorkerAdvice
from reports.units import count_text, duration_text, size_text
from reports.verdicts.lives import side_by_side
from reports.verdicts.thresholds import Thresholds
from reports.verdicts.trace import Life, Trace

ROOM_SHARE = 0.5
JITTER_FRACTION = 0.1
LEAST_INTERVAL_SECONDS = 60.0
"""A worker that is replaced more often spends its life booting."""

RETURN_TOLERANCE = 1.1
"""A fresh worker may begin so much above the first ones; more, and recycling gives nothing back."""


def worker_advice(
    trace: Trace, memory: MemoryVerdict, memory_bytes: int, thresholds: Thresholds
) -> WorkerAdvice | None:
    """Advice for a plan or limit of `memory_bytes`; None without a master and workers."""
    masters = [life for life in trace.lives if life.role == "root" and len(life.memory)]
    workers = [life for life in trace.lives if life.role != "root" and _loaded(trace, life)]
    if not masters or not workers:
        return None
    beside = max(1, round(side_by_side(trace, workers)))
    master = round(max(float(np.nanmax(life.memory)) for life in masters))
    worker = _worker_bytes(trace, workers, beside, memory.leak)
    gate = thresholds.usage_warning * memory_bytes
    most = max(0, math.floor((gate - master) / worker)) if worker else 0
    count = max(1, min(beside, most))
    foot = master + count * worker
    advice = WorkerAdvice(memory_bytes, count, most, master, worker, foot)
    if memory.leak is None or memory.verdict != "leak":
        return advice
    return _recycling(trace, advice, memory.leak, workers, gate)


def _recycling(
    trace: Trace, advice: WorkerAdvice, leak: Leak, workers: list[Life], gate: float
) -> WorkerAdvice:
    refused = _refusal(leak, workers, trace)
    if refused is not None:
        return replace(advice, refused=refused)
    upper = leak.bytes_per_request_ci95[1] if leak.bytes_per_request_ci95 else 0.0
    room = gate - advice.predicted_bytes
    if upper <= 0 or room <= 0:
        return replace(advice, refused="no room is left for the leak: the foot is over the gate")
    requests = two_digits(math.floor(ROOM_SHARE * room / upper / advice.workers))
    rate = trace.rate()
    seconds = None if rate is None else requests * advice.workers / rate
    if requests < 1 or (seconds is not None and seconds < _least_seconds(workers, trace)):
        often = duration_text(seconds) if seconds is not None else "few requests"
        return replace(advice, refused=f"a worker would have to be replaced every {often}")
    jitter = max(1, round(JITTER_FRACTION * requests))
    grown = round(upper * (requests + jitter) * advice.workers)
    return replace(
        advice,
        predicted_bytes=advice.predicted_bytes + grown,
        max_requests=requests,
        jitter=jitter,
    )


def _least_seconds(workers: list[Life], trace: Trace) -> float:
    """Workers that are replaced already have shown how short a life they bear."""
    started = trace.load[0].start if trace.load else 0.0
    served = [
        life.died - max(life.born, started)
        for life in workers
        if life.planned and life.died is not None
    ]
    return min([LEAST_INTERVAL_SECONDS, *served])


def _refusal(leak: Leak, workers: list[Life], trace: Trace) -> str | None:
    """Why replacing workers would not bring the memory back."""
    if leak.pid is not None and leak.pid not in {life.pid for life in workers}:
        return f"the leak sits in pid {leak.pid} ({leak.process}), which is no worker"
    started = trace.load[0].start if trace.load else 0.0
    first = [float(life.memory[0]) for life in workers if life.born <= started]
    later = [float(life.memory[0]) for life in workers if life.born > started]
    if first and later and np.median(later) > RETURN_TOLERANCE * np.median(first):
        return (
            f"a replaced worker begins at {size_text(float(np.median(later)))}, not at"
            f" {size_text(float(np.median(first)))}: recycling does not give the memory back"
        )
    return None


def two_digits(count: int) -> int:
    """Rounded down to two significant digits."""
    if count < 100:
        return count
    unit = int(10 ** (len(str(count)) - 2))
    return count // unit * unit


def advice_text(advice: WorkerAdvice) -> str:
    """One sentence."""
    text = (
        f"{count_text(advice.workers)} worker(s) fit into {size_text(advice.memory_bytes)}"
        f" (at most {advice.most_workers}): master {size_text(advice.master_bytes)}, each worker"
        f" {size_text(advice.worker_bytes)}, predicted {size_text(advice.predicted_bytes)}"
    )
    if advice.max_requests:
        options = f"--max-requests {advice.max_requests} --max-requests-jitter {advice.jitter}"
        return f"{text} with {options}"
    return f"{text}; recycling is no help: {advice.refused}" if advice.refused else text


def _worker_bytes(trace: Trace, workers: list[Life], beside: int, leak: Leak | None) -> int:
    """The median over the lives of each one's highest memory, less what leaked in its time."""
    rate = (leak.bytes_per_request or 0.0) if leak is not None else 0.0
    found = []
    for life in workers:
        last = trace.stages[-1].end if life.died is None else life.died
        served = trace.requests_at(np.array([life.born, last]))
        leaked = rate * float(served[1] - served[0]) / beside
        found.append(max(float(np.nanmax(life.memory)) - leaked, float(life.memory[0])))
    return round(float(np.median(found)))


def _loaded(trace: Trace, life: Life) -> bool:
    return any(((life.time >= stage.start) & (life.time < stage.end)).any() for stage in trace.load)
