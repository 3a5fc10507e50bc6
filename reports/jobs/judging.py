"""All jobs of a log: figures, verdicts, and what makes them doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean, median

from reports.jobs.caveats import caveats_of
from reports.jobs.findings import (
    CANNOT_TELL,
    LEAK,
    JobFinding,
    JobFindings,
    JobVerdict,
)
from reports.jobs.job_run import JobRun
from reports.jobs.log_lines import JobLog
from reports.jobs.overlap import overlapping
from reports.jobs.series import series_of
from reports.jobs.verdict import job_verdict
from reports.units import small_size_text

NO_DELTA = "its lines have no delta_mb, and the log has other jobs"
NAMED_LEAKS = 3


def judge_jobs(log: JobLog, source: str) -> JobFindings:
    """`source`: what the log is called. Raises ValueError of a log without runs."""
    if not log.runs:
        raise ValueError("a log without runs")
    mixed = overlapping(log.runs)
    indices: dict[str, list[int]] = {}
    for index, run in enumerate(log.runs):
        indices.setdefault(run.job_id, []).append(index)
    found = [
        _judge_job([log.runs[index] for index in of_job], len(mixed & set(of_job)), len(indices))
        for of_job in indices.values()
    ]
    jobs = tuple(sorted(found, key=_worst_first))
    caveats = (*_between(log.runs, jobs), *caveats_of(log, jobs))
    return JobFindings(source, _sentence(jobs), jobs, log.runs, log.unreadable, caveats)


def _judge_job(runs: Sequence[JobRun], overlapped: int, jobs: int) -> JobFinding:
    deltas = [run.own_bytes for run in runs if run.own_bytes is not None]
    times = [run.seconds for run in runs if run.seconds is not None]
    return JobFinding(
        job_id=runs[0].job_id,
        runs=len(runs),
        failed=sum(run.failed for run in runs),
        processes=len({run.pid for run in runs}),
        overlapped=overlapped,
        memory_bytes=runs[-1].memory_bytes,
        mean_delta_bytes=fmean(deltas) if deltas else None,
        peak_bytes=max(max(run.memory_bytes, run.peak_bytes or 0.0) for run in runs),
        mean_seconds=fmean(times) if times else None,
        verdict=_verdict(runs, jobs),
    )


def _verdict(runs: Sequence[JobRun], jobs: int) -> JobVerdict:
    series = series_of(runs, only_job=jobs == 1)
    if series is None:
        return JobVerdict(CANNOT_TELL, NO_DELTA, "lines with delta_mb, or a log of this job alone")
    level = median(run.memory_bytes for run in runs)
    return job_verdict(series, level, looked_at=jobs, kept_bytes=_kept_bytes(runs))


def _between(runs: Sequence[JobRun], jobs: Sequence[JobFinding]) -> tuple[str, ...]:
    """Growth that no job's own figures show."""
    if len(jobs) == 1 or any(job.verdict.word == LEAK for job in jobs):
        return ()
    whole = _verdict(runs, 1)
    if whole.word != LEAK:
        return ()
    return (
        f"The process itself grows, by {small_size_text(whole.growth_bytes_per_run)} with each run"
        " of any job: between the runs, or in memory that no delta shows.",
    )


def _kept_bytes(runs: Sequence[JobRun]) -> float:
    """Growth of the processes from before the job's first run in each to after its last one."""
    ordered = sorted(runs, key=_pid)
    lives = [list(life) for _, life in groupby(ordered, key=_pid)]
    return sum(
        life[-1].memory_bytes - life[0].memory_bytes + (life[0].delta_bytes or 0.0)
        for life in lives
    )


def _pid(run: JobRun) -> int:
    return -1 if run.pid is None else run.pid


def _worst_first(job: JobFinding) -> tuple[bool, float]:
    return job.verdict.word != LEAK, -(job.verdict.growth_bytes_per_run or 0.0)


def _sentence(jobs: Sequence[JobFinding]) -> str:
    leaks = [job for job in jobs if job.verdict.word == LEAK]
    if leaks:
        named = [
            f"{job.job_id} ({small_size_text(job.verdict.growth_bytes_per_run)} per run)"
            for job in leaks[:NAMED_LEAKS]
        ]
        more = f" and {len(leaks) - NAMED_LEAKS} more" if len(leaks) > NAMED_LEAKS else ""
        verb = "leaks" if len(leaks) == 1 else "leak"
        return f"{len(leaks)} of {_count(jobs)} {verb}: {', '.join(named)}{more}."
    unknown = sum(job.verdict.word == CANNOT_TELL for job in jobs)
    if unknown:
        return f"No job is shown to leak; of {unknown} of {_count(jobs)} it cannot be told."
    return f"None of {_count(jobs)} leaks." if len(jobs) > 1 else f"{jobs[0].job_id} does not leak."


def _count(jobs: Sequence[JobFinding]) -> str:
    return f"{len(jobs)} job{'s' if len(jobs) > 1 else ''}"
