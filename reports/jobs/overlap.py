"""Runs at the same time: what each of them added is mixed with what the others did."""

from __future__ import annotations

from collections.abc import Sequence

from reports.jobs.job_run import JobRun

FINE_SECONDS = 0.01
"""A logger stamps a line a moment after the run's end."""


def overlapping(runs: Sequence[JobRun]) -> frozenset[int]:
    """Indices of runs during which another one ran in the same process, as far as times tell."""
    slack = _slack_seconds(runs)
    latest: dict[int | None, tuple[float, int]] = {}
    found: set[int] = set()
    for started, ended, index in sorted(_spans(runs)):
        before = latest.get(runs[index].pid)
        if before is not None and started < before[0] - slack:
            found |= {index, before[1]}
        if before is None or ended > before[0]:
            latest[runs[index].pid] = (ended, index)
    return frozenset(found)


def _spans(runs: Sequence[JobRun]) -> list[tuple[float, float, int]]:
    return [
        (run.ended_at - run.seconds, run.ended_at, index)
        for index, run in enumerate(runs)
        if run.ended_at is not None and run.seconds is not None
    ]


def _slack_seconds(runs: Sequence[JobRun]) -> float:
    """Times in whole seconds are up to one too early."""
    times = [run.ended_at for run in runs if run.ended_at is not None]
    return 1.0 if all(time == int(time) for time in times) else FINE_SECONDS
