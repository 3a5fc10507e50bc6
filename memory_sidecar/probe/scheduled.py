"""APScheduler 3: its events as lines about jobs."""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Lock
from typing import Any

from memory_sidecar.probe.job_measuring import LOGGER, Started, write


def apscheduler_listener(scheduler: Any, *, logger: logging.Logger = LOGGER) -> None:
    """From now on, log the memory of each run of each job of an APScheduler 3 scheduler.

    Its jobs must run in this process (threads, asyncio), not in a pool of processes. The scheduler
    tells of a job only after it was handed over, so for jobs of a few milliseconds
    `@log_job_memory` on the function is the sharper figure. Raises ImportError without APScheduler.
    """
    from apscheduler import events

    heard = ScheduledRuns(logger)
    scheduler.add_listener(heard.submitted, events.EVENT_JOB_SUBMITTED)
    ended = events.EVENT_JOB_EXECUTED | events.EVENT_JOB_ERROR | events.EVENT_JOB_MISSED
    missed = events.EVENT_JOB_MISSED
    scheduler.add_listener(lambda event: heard.ended(event, missed=event.code == missed), ended)


class ScheduledRuns:
    """The runs under way, by job and scheduled time; called from the scheduler's threads."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._lock = Lock()
        self._under_way: dict[tuple[str, Any], Started] = {}
        self._already_over: set[tuple[str, Any]] = set()
        self._last_seen = Started.now()

    def submitted(self, event: Any) -> None:
        """Keep the figures of now as those before the run."""
        started = Started.now()
        with self._lock:
            self._last_seen = started
            for run_time in event.scheduled_run_times:
                key = (event.job_id, run_time)
                # The scheduler tells of a start after it handed the job over: a quick one has
                # ended by then.
                if key in self._already_over:
                    self._already_over.discard(key)
                else:
                    self._under_way[key] = started

    def ended(self, event: Any, *, missed: bool) -> None:
        """Log a run; one that was missed only leaves those under way."""
        key = (event.job_id, event.scheduled_run_time)
        with self._lock:
            started = self._under_way.pop(key, None)
            if started is None:
                self._already_over.add(key)
                started = replace(self._last_seen, at_seconds=None)
            self._last_seen = Started.now()
        if not missed:
            write(self._logger, event.job_id, started, failed=event.exception is not None)
