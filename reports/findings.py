"""What the report says, as frozen records. None is 'unknown', and a caveat says why."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """One phase's memory in bytes; `measure` is working_set, pss or rss."""

    measure: str | None = None
    min: int | None = None
    mean: int | None = None
    p95: int | None = None
    max_sampled: int | None = None
    peak_low: int | None = None
    peak_high: int | None = None
    peak_source: str | None = None


@dataclass(frozen=True, slots=True)
class PhaseFigures:
    """One phase: seconds since the run's origin, users, requests, milliseconds, memory."""

    name: str
    start: float
    seconds: float
    users: int | None
    is_load: bool
    requests: int | None
    failures: int | None
    requests_per_second: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    memory: MemoryFigures


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the target fits its limit: fits, tight, fails or cannot_tell, and why."""

    fit: str
    reasons: tuple[str, ...]
    limit_bytes: int | None = None
    limit_source: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: enumerations of report.json, one sentence, how sure, and the reasons."""

    fit: str
    memory: str
    sentence: str
    confidence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recovery:
    """Growth from baseline to the load's top, and how much of it came back (bytes)."""

    growth_bytes: int | None = None
    released_fraction: float | None = None
    retained_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """A plan to rent: bytes, USD a month, and the date of that price."""

    provider: str
    name: str
    memory_bytes: int
    usd_month: float | None
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class Sizing:
    """How much memory to rent (bytes), by which rule, and the smallest plans that hold it."""

    rule: str
    peak_bytes: int | None = None
    minimum_bytes: int | None = None
    recommended_bytes: int | None = None
    minimum_plan: PlanChoice | None = None
    plan: PlanChoice | None = None


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    """One endpoint over the whole run; response times in milliseconds."""

    method: str
    name: str
    tier: str | None
    requests: int
    failures: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """One process: identity, seconds since the run's origin, bytes; None: unknown or alive."""

    pid: int
    role: str
    name: str
    born: float
    died: float | None
    planned: bool | None
    departure: str
    exit_code: int | None
    signal: str | None
    first_rss_bytes: int | None
    last_rss_bytes: int | None
    peak_rss_bytes: int | None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What was run, for the report's head."""

    directory: str
    scenario: str | None
    started: float | None
    seconds: float | None
    mode: str | None
    target: str | None
    host: str | None
    versions: tuple[str, ...]
    sources: tuple[str, ...]
    interval_seconds: float | None
    end_reason: str | None
    partial: bool


@dataclass(frozen=True, slots=True)
class MeasurementCost:
    """What the sidecar took: fractions of one core, counts of ticks, seconds, bytes.

    `milliseconds_by_source`: milliseconds per second of the run, by what they were spent on.
    """

    cpu_fraction: float | None = None
    ticks: int | None = None
    late_ticks: int | None = None
    missed_ticks: int | None = None
    pss_period_seconds: float | None = None
    rss_bytes: int | None = None
    milliseconds_by_source: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that the renderers show."""

    generated: float
    run: RunFacts
    verdict: Verdict
    limit_bytes: int | None
    phases: tuple[PhaseFigures, ...]
    recovery: Recovery
    sizing: Sizing
    endpoints: tuple[EndpointFigures, ...]
    processes: tuple[ProcessFigures, ...]
    cost: MeasurementCost
    caveats: tuple[str, ...] = field(default=())
