"""One run of one job, as its line in a log tells it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.units import MIB

MOST_MIB = 2.0**40
"""An EiB: a larger figure is no memory."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """Bytes, seconds, seconds since the epoch; None: the line does not say it.

    `memory_bytes`: of the process after the run; `delta_bytes`: after less before, and
    `used_delta_bytes` of what is in use; `decimals`: of `delta_mb` as it was written; `ended_at`:
    the time of the line.
    """

    job_id: str
    memory_bytes: float
    delta_bytes: float | None = None
    used_delta_bytes: float | None = None
    decimals: int = 0
    memory_percent: float | None = None
    peak_bytes: float | None = None
    seconds: float | None = None
    failed: bool = False
    pid: int | None = None
    ended_at: float | None = None

    @property
    def own_bytes(self) -> float | None:
        """What the run left behind, as sharply as its line says it."""
        return self.delta_bytes if self.used_delta_bytes is None else self.used_delta_bytes


def job_run(fields: Mapping[str, Any], ended_at: float | None) -> JobRun | None:
    """The run of `{"job_id": ..., "memory_mb": ...}`; None without these two."""
    job_id, memory = fields.get("job_id"), _mib(fields.get("memory_mb"))
    if not isinstance(job_id, str | int) or memory is None or memory < 0:
        return None
    pid = number(fields.get("pid"))
    return JobRun(
        _writable(str(job_id)),
        memory,
        _mib(fields.get("delta_mb")),
        _mib(fields.get("used_delta_mb")),
        decimals=len(str(fields.get("delta_mb", "")).partition(".")[2]),
        memory_percent=number(fields.get("memory_percent")),
        peak_bytes=_mib(fields.get("peak_mb")),
        seconds=number(fields.get("seconds")),
        failed=fields.get("status") == "failed",
        pid=None if pid is None else int(pid),
        ended_at=ended_at,
    )


def _writable(text: str) -> str:
    """JSON can hold half a surrogate pair, which no file can."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def number(value: Any) -> float | None:
    """A finite number, also from its text; None for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _mib(value: Any) -> float | None:
    found = number(value)
    return None if found is None or abs(found) > MOST_MIB else found * MIB
