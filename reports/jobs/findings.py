"""What a log of jobs shows: the record between judging and the renderers."""

from __future__ import annotations

from dataclasses import dataclass

from reports.jobs.job_run import JobRun

LEAK, CACHE_FILL, STABLE, CANNOT_TELL = "leak", "cache_fill", "stable", "cannot_tell"


@dataclass(frozen=True, slots=True)
class JobVerdict:
    """`word`: leak, cache_fill, stable or cannot_tell; `would_decide`: where it cannot be told.

    Bytes per run: `growth` and its 95 % interval, given that there is growth that goes on, and
    `upper`, below which it lies with 97.5 %, its absence included. `certainty`: 0 to 1.
    """

    word: str
    reason: str
    would_decide: str | None = None
    growth_bytes_per_run: float | None = None
    growth_ci95: tuple[float, float] | None = None
    upper_bytes_per_run: float | None = None
    certainty: float | None = None


@dataclass(frozen=True, slots=True)
class JobFinding:
    """One job. Bytes; `memory_bytes`: of the process after its last run; `peak_bytes`: the highest
    figure in its lines; `processes` it ran in, as far as the lines name them; `overlapped`: runs
    during which another one ran.
    """

    job_id: str
    runs: int
    failed: int
    processes: int
    overlapped: int
    memory_bytes: float
    mean_delta_bytes: float | None
    peak_bytes: float
    mean_seconds: float | None
    verdict: JobVerdict


@dataclass(frozen=True, slots=True)
class JobFindings:
    """A whole log; `jobs`: those that leak first. `unreadable`: numbers of lines, from 1."""

    source: str
    sentence: str
    jobs: tuple[JobFinding, ...]
    runs: tuple[JobRun, ...]
    unreadable: tuple[int, ...]
    caveats: tuple[str, ...]

    @property
    def leaking(self) -> tuple[JobFinding, ...]:
        """The jobs that leak."""
        return tuple(job for job in self.jobs if job.verdict.word == LEAK)

    @property
    def word(self) -> str:
        """leak where any job does, else cannot_tell where any cannot be told, else stable."""
        words = {job.verdict.word for job in self.jobs}
        return next((word for word in (LEAK, CANNOT_TELL) if word in words), STABLE)
