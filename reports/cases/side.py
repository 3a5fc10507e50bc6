"""A run directory as one side of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.advice import advice
from reports.assemble import assemble
from reports.cases.record import ConnectionStory, JobStory, SideStory, SplitStory
from reports.comparing.figures import PlannedPhase, RunFigures, figures_of
from reports.departures import RECYCLED
from reports.errors import UsageError
from reports.findings import Findings
from reports.jobs.judging import judge_jobs
from reports.jobs.log_lines import job_log
from reports.loading import RunData, load
from reports.render.json import report_content
from rundir import RunDirectory
from scenarios.cases.model import Case


@dataclass(frozen=True, slots=True)
class Side:
    """What was read of one run, and what its report says."""

    data: RunData
    findings: Findings

    @property
    def figures(self) -> RunFigures:
        """For the comparison."""
        return figures_of(self.findings)


def read_side(path: Path, generated: float) -> Side:
    """Raises UsageError for what is no run directory."""
    data = load(path)
    return Side(data, assemble(data, generated)[1])


def side_story(side: Side, case: Case, env: Mapping[str, str]) -> SideStory:
    """What the page tells of it; `env`: the switches that it ran with. Raises UsageError."""
    findings, verdict = side.findings, side.findings.verdict
    loads = [phase for phase in findings.phases if phase.is_load]
    leak = findings.memory.leak
    content = report_content(findings).get("connections")
    return SideStory(
        run=findings.run.directory,
        phases=_planned(side.data.directory),
        env=dict(env),
        partial=findings.run.partial,
        sentence=verdict.sentence,
        fit=verdict.fit,
        memory=verdict.memory,
        confidence=verdict.confidence.level,
        advice=advice(findings).do,
        requests=sum(phase.requests or 0 for phase in loads),
        failures=sum(phase.failures or 0 for phase in loads),
        limit_bytes=findings.limit_bytes if case.load.memory_limit else None,
        requests_to_limit=leak.requests_to_limit if leak and case.load.memory_limit else None,
        recycled=sum(one.departure.startswith(RECYCLED) for one in findings.processes),
        figures=findings.measured,
        split=_split(findings),
        job=_job_story(side.data.directory.target_log, case.job) if case.job else None,
        connections=_connection_story(content),
    )


def _planned(directory: RunDirectory) -> tuple[PlannedPhase, ...]:
    """As run.json has them: what a phase took in the end differs by parts of a second.

    Raises UsageError for any other content.
    """
    try:
        phases = directory.read_run_json()["plan"]["phases"]
        return tuple(PlannedPhase(p["name"], p["seconds"], p["users"]) for p in phases)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{directory.run_json}: its plan cannot be read ({error.__class__.__name__});"
            " run the case again"
        ) from None


def _split(findings: Findings) -> SplitStory | None:
    split = findings.recovery.split
    if split is None:
        return None
    return SplitStory(split.live_bytes, split.slack_bytes, split.garbage_bytes)


def _job_story(log: Path, job_id: str) -> JobStory:
    """Raises UsageError where the service's log does not tell of that job."""
    try:
        with log.open("rb") as file:
            lines = job_log(line.decode("utf-8", errors="replace") for line in file)
    except OSError as error:
        raise UsageError(f"{log}: cannot be read ({error.strerror})") from None
    if not lines.runs:
        raise UsageError(f"{log}: no line tells a run of a job, the case needs {job_id}")
    found = judge_jobs(lines, log.name)
    job = next((one for one in found.jobs if one.job_id == job_id), None)
    if job is None:
        raise UsageError(f"{log}: no line tells a run of {job_id}")
    verdict = job.verdict
    return JobStory(
        verdict.word, found.sentence, job.runs, verdict.growth_bytes_per_run,
        verdict.growth_ci95, verdict.upper_bytes_per_run,
    )  # fmt: skip


def _connection_story(content: Any) -> ConnectionStory | None:
    """From report.json's `connections`; None in a run that held none."""
    if not isinstance(content, dict):
        return None
    held = content.get("held") or {}
    return ConnectionStory(
        sentence=str(content.get("sentence") or ""),
        bytes_per_connection=content.get("bytes_per_connection"),
        ci95=content.get("ci95"),
        held_bytes_per_second=held.get("bytes_per_second"),
        held_below_bytes_per_second=held.get("below_bytes_per_second"),
        returned=str((content.get("returned") or {}).get("word") or "cannot_tell"),
    )
