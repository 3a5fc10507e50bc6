"""The memory of this process before and after a run of a job, and the line that tells of it."""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from memory_sidecar.probe.heap import used_bytes
from memory_sidecar.probe.job_line import JobRecord
from memory_sidecar.probe.usage import Usage, current_usage, parse_meminfo

LOGGER = logging.getLogger("plimsoll.jobs")
STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Started:
    """When a job began: memory, bytes in use (see heap.py), seconds of the monotonic clock.

    None: not known.
    """

    usage: Usage | None
    used_bytes: int | None
    at_seconds: float | None

    @classmethod
    def now(cls) -> Started:
        """This process at this moment."""
        return cls(usage_or_none(), used_bytes(), time.monotonic())

    def delta_bytes(self, now: Started) -> int | None:
        """Resident bytes by `now`, less those before."""
        if self.usage is None or now.usage is None:
            return None
        return now.usage.rss_bytes - self.usage.rss_bytes

    def used_delta_bytes(self, now: Started) -> int | None:
        """The same of what is in use."""
        if self.used_bytes is None or now.used_bytes is None:
            return None
        return now.used_bytes - self.used_bytes


def write(logger: logging.Logger, job_id: str, started: Started, *, failed: bool) -> None:
    """One line about a run that ends now."""
    if not logger.isEnabledFor(logging.INFO):
        return
    seconds = None if started.at_seconds is None else time.monotonic() - started.at_seconds
    now = Started.now()
    record = JobRecord(
        job_id,
        os.getpid(),
        memory_bytes=now.usage.rss_bytes if now.usage else None,
        memory_percent=now.usage.percent if now.usage else None,
        delta_bytes=started.delta_bytes(now),
        used_delta_bytes=started.used_delta_bytes(now),
        peak_bytes=_peak_bytes(),
        seconds=seconds,
        status="failed" if failed else "ok",
    )
    logger.info("%s", record.line(), extra={"job": record.figures()})


def usage_or_none() -> Usage | None:
    """A job must not fail because its memory cannot be read."""
    with suppress(OSError, ValueError):
        return current_usage()
    return None


def _peak_bytes() -> int | None:
    with suppress(OSError):
        return parse_meminfo(STATUS.read_text()).get("VmHWM")
    return None
