"""What the reader of a job report must know."""

from __future__ import annotations

from collections.abc import Sequence

from reports.jobs.findings import JobFinding
from reports.jobs.log_lines import JobLog
from reports.units import count_text

NAMED = 5


def caveats_of(log: JobLog, jobs: Sequence[JobFinding]) -> tuple[str, ...]:
    """One sentence each; none that does not apply."""
    told = (
        _unreadable(log),
        _overlap(jobs),
        _untimed(log, jobs),
        _resident(log, jobs),
        _lives(jobs),
        _failed(jobs),
    )
    return tuple(sentence for sentence in told if sentence)


def _unreadable(log: JobLog) -> str:
    if not log.unreadable:
        return ""
    more = ", ..." if len(log.unreadable) > NAMED else ""
    named = ", ".join(map(str, log.unreadable[:NAMED]))
    return (
        f"{count_text(len(log.unreadable))} line(s) with job_completed could not be read, for want"
        f" of a job_id or a memory_mb: line {named}{more}."
    )


def _overlap(jobs: Sequence[JobFinding]) -> str:
    mixed = [f"{job.job_id} ({job.overlapped} of {job.runs})" for job in jobs if job.overlapped]
    if not mixed:
        return ""
    more = f" and {len(mixed) - NAMED} more" if len(mixed) > NAMED else ""
    return (
        f"Jobs ran at the same time in one process: {', '.join(mixed[:NAMED])}{more}. Their deltas"
        " are mixed with what the others took or gave back, and a verdict may name the wrong one."
    )


def _untimed(log: JobLog, jobs: Sequence[JobFinding]) -> str:
    if len(jobs) == 1 or all(
        run.ended_at is not None and run.seconds is not None for run in log.runs
    ):
        return ""
    return (
        "Not every line has a time (ISO 8601 first, or a field) and seconds: whether jobs ran at"
        " the same time, which mixes their deltas, is not known."
    )


def _resident(log: JobLog, jobs: Sequence[JobFinding]) -> str:
    if len(jobs) == 1 or all(run.used_delta_bytes is not None for run in log.runs):
        return ""
    return (
        "Not every line has used_delta_mb: what one job gives back the process may keep for the"
        " next one, so that resident memory alone can show one job's leak in another's delta."
    )


def _lives(jobs: Sequence[JobFinding]) -> str:
    processes = max(job.processes for job in jobs)
    if processes == 1:
        return ""
    return (
        f"Jobs ran in up to {processes} processes: each one's memory is followed by itself, and"
        " growth is that within a process."
    )


def _failed(jobs: Sequence[JobFinding]) -> str:
    failed = [f"{job.job_id} ({job.failed} of {job.runs})" for job in jobs if job.failed]
    if not failed:
        return ""
    more = f" and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
    return f"Runs failed, and are counted with the others: {', '.join(failed[:NAMED])}{more}."
