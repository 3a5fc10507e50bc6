"""Recorded runs: what the verdicts need of a run directory, as one small file each.

Each is a live run of `live`, but for replica-in-a-container: one of three behind a proxy, of the
tests on a Docker engine, that was called a leak once and has no switch. At 50 s it is too short to
be told stable, so only calling it a leak is wrong.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from reports.verdicts.trace import Life, Stage, Trace
from tests.corpus.live import LiveRun
from tests.corpus.truth import Case, Truth

FOLDER = Path(__file__).with_name("recorded")
KIB = 1024


def keep(run: LiveRun, directory: Path) -> Path:
    """Read the run directory and write the trace beside its truth."""
    from reports.aligning import align
    from reports.loading import load
    from reports.processes import process_table
    from reports.tracing import trace_of

    aligned = align(load(directory))
    trace = trace_of(aligned, process_table(aligned), None)
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{run.name}.json.gz"
    content = {"truth": asdict(run.truth), "trace": _content(trace)}
    # No time stamp inside: the same trace makes the same bytes.
    path.write_bytes(gzip.compress(json.dumps(content).encode(), mtime=0))
    return path


def cases() -> tuple[Case, ...]:
    """All that are kept, by name."""
    found = []
    for path in sorted(FOLDER.glob("*.json.gz")):
        content = json.loads(gzip.decompress(path.read_bytes()))
        name = path.name.removesuffix(".json.gz")
        found.append(Case("recorded", name, Truth(**content["truth"]), _trace(content["trace"])))
    return tuple(found)


def _content(trace: Trace) -> dict[str, Any]:
    return {
        "time": _seconds(trace.time),
        "memory_kib": _kib(trace.memory),
        "request_time": _seconds(trace.request_time),
        "requests": [int(count) for count in trace.requests],
        "stages": [asdict(stage) for stage in trace.stages],
        "lives": [
            {
                **{k: v for k, v in asdict(life).items() if k not in ("time", "memory")},
                "time": _seconds(life.time),
                "memory_kib": _kib(life.memory),
            }
            for life in trace.lives
        ],
        "measure": trace.measure,
    }


def _trace(content: dict[str, Any]) -> Trace:
    lives = [
        Life(
            time=np.array(life.pop("time"), dtype=float),
            memory=_bytes(life.pop("memory_kib")),
            **life,
        )
        for life in content["lives"]
    ]
    return Trace(
        np.array(content["time"], dtype=float),
        _bytes(content["memory_kib"]),
        np.array(content["request_time"], dtype=float),
        np.array(content["requests"], dtype=float),
        tuple(Stage(**stage) for stage in content["stages"]),
        tuple(lives),
        measure=content["measure"],
    )


def _seconds(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    return [round(float(value), 3) for value in values]


def _kib(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[int | None]:
    return [None if np.isnan(value) else round(float(value) / KIB) for value in values]


def _bytes(values: list[int | None]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([np.nan if value is None else value * KIB for value in values], dtype=float)
