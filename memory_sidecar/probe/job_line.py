"""One run of a background job as a line of a log."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

MIB = 1024 * 1024
EVENT = "job_completed"
BARE = re.compile(r"[^\s\"'=\\]+")
"""A value that logfmt need not quote."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """What one run needed. Bytes, seconds; None: not known.

    `memory_bytes`: resident after the run, `memory_percent`: of the machine's memory;
    `delta_bytes`: after less before; `used_delta_bytes`: the same of what is in use (see heap.py),
    which is the job's own; `peak_bytes`: the process's highest since its start.
    """

    job_id: str
    pid: int
    memory_bytes: int | None = None
    memory_percent: float | None = None
    delta_bytes: int | None = None
    used_delta_bytes: int | None = None
    peak_bytes: int | None = None
    seconds: float | None = None
    status: str = "ok"

    def line(self) -> str:
        """`job_completed job_id=... memory_mb=...`: logfmt, without what is not known."""
        # Three decimals of a MiB are a quarter of a page: with one, a job that leaks 40 KiB a run
        # would say +0.0 each time.
        words = {
            "job_id": _quoted(self.job_id),
            "memory_mb": _mib_text(self.memory_bytes),
            "memory_percent": _text(self.memory_percent, ".2f"),
            "delta_mb": _mib_text(self.delta_bytes, "+.3f"),
            "used_delta_mb": _mib_text(self.used_delta_bytes, "+.3f"),
            "peak_mb": _mib_text(self.peak_bytes),
            "seconds": _text(self.seconds, ".3f"),
            "status": self.status,
            "pid": str(self.pid),
        }
        told = (f"{name}={text}" for name, text in words.items() if text is not None)
        return " ".join((EVENT, *told))

    def figures(self) -> dict[str, str | int | float]:
        """The same for a formatter that writes JSON."""
        values: dict[str, str | int | float | None] = {
            "job_id": self.job_id,
            "memory_mb": _mib(self.memory_bytes),
            "memory_percent": None
            if self.memory_percent is None
            else round(self.memory_percent, 2),
            "delta_mb": _mib(self.delta_bytes),
            "used_delta_mb": _mib(self.used_delta_bytes),
            "peak_mb": _mib(self.peak_bytes),
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "status": self.status,
            "pid": self.pid,
        }
        return {name: value for name, value in values.items() if value is not None}


def _quoted(text: str) -> str:
    """As it is, or in quotes with escapes: a line break in a job's name must not end the line."""
    if BARE.fullmatch(text) and text.isprintable():
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _mib(size_bytes: int | None) -> float | None:
    return None if size_bytes is None else round(size_bytes / MIB, 3)


def _mib_text(size_bytes: int | None, form: str = ".3f") -> str | None:
    return None if size_bytes is None else format(size_bytes / MIB, form)


def _text(value: float | None, form: str) -> str | None:
    return None if value is None else format(value, form)
