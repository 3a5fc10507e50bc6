"""What the report says, as frozen records. None is 'unknown', and a caveat says why."""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.attribution.findings import Attribution
from reports.attribution.shares import NotSeparated
from reports.connections.findings import Connections
from reports.hints.hint import Hint
from reports.inside.findings import Inside
from reports.targets.findings import TargetFigures

Interval = tuple[float, float]
"""Lower and upper end of a 95 % interval, in the unit of the figure beside it."""


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
    """One phase: seconds since the run's origin, users, requests, milliseconds, memory.

    `isolated`: part of an attribution plan before the mix; no size rests on it.
    """

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
    isolated: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the target fits its limit: fits, tight, fails or cannot_tell, and why."""

    fit: str
    reasons: tuple[str, ...]
    limit_bytes: int | None = None
    limit_source: str | None = None


@dataclass(frozen=True, slots=True)
class Confidence:
    """How far the answer can be trusted: high, medium or low; why; and what would raise it."""

    level: str
    reasons: tuple[str, ...]
    would_raise: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: enumerations of report.json, one sentence, how sure, and the reasons."""

    fit: str
    memory: str
    sentence: str
    confidence: Confidence
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """What was retained, bytes: still referred to, free in the allocator, unreachable.

    `beyond_bytes` more were given back that had been there before the load. `processes` of
    `members` could be asked.
    """

    live_bytes: int
    slack_bytes: int
    garbage_bytes: int
    beyond_bytes: int
    source: str
    processes: int
    members: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """Growth from baseline to the load's top, and how much of it came back (bytes).

    `seconds_to_release`: until nine tenths of what came back had come back. `rating` of what was
    retained by the thresholds: healthy, warning or critical. `released_at_once_bytes`: gone five
    seconds after the load. `split`: what the retained consists of; None where nobody was asked.
    """

    growth_bytes: int | None = None
    released_fraction: float | None = None
    retained_bytes: int | None = None
    seconds_to_release: float | None = None
    rating: str | None = None
    released_at_once_bytes: int | None = None
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class Leak:
    """Growth that goes on; bytes per request to the target, with the 95 % interval.

    Time and requests to the limit are counted from the highest memory seen, at the run's rate.
    `pid` and `process` name the process that grows, where it is one of several.
    """

    bytes_per_request: float | None = None
    bytes_per_request_ci95: tuple[float, float] | None = None
    bytes_per_hour: float | None = None
    seconds_to_limit: float | None = None
    requests_to_limit: float | None = None
    pid: int | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True)
class Plateau:
    """Where growth that ends is expected to end: bytes, requests and seconds since settled load."""

    bytes: int
    requests: float
    seconds: float | None


@dataclass(frozen=True, slots=True)
class MemoryVerdict:
    """`verdict` is one of report.json's names; `would_decide`: what to run where it cannot tell.

    `warm_up_seconds` of the settled load were left out. `certainty` is the probability behind the
    word, 0 to 1; None where the word does not rest on one. `upper_bytes_per_request`: growth that
    goes on is below it with 97.5 %; None where nothing could be judged.
    """

    verdict: str
    reasons: tuple[str, ...]
    leak: Leak | None = None
    plateau: Plateau | None = None
    would_decide: str | None = None
    warm_up_seconds: float = 0.0
    certainty: float | None = None
    upper_bytes_per_request: float | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Memory (bytes, 95 % interval) at so many users; `extrapolated`: more than were measured."""

    users: int
    bytes: int
    ci95: tuple[int, int]
    extrapolated: bool


@dataclass(frozen=True, slots=True)
class UsersLevel:
    """Memory of one stage with so many users: median, lowest and highest of its bins, bytes."""

    users: int
    bytes: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Scaling:
    """Memory against users: flat, linear, superlinear, saturating or cannot_tell.

    `bytes_per_user` over the measured range, with its 95 % interval; `advice`: horizontal, vertical
    or optimise; `predictions` reach to three times the measured users at most. `levels` are what
    was measured, `curve` the model through them, up to half as many users more.
    """

    model: str
    bytes_per_user: float | None = None
    ci95: tuple[float, float] | None = None
    advice: str | None = None
    measured_users: tuple[int, int] | None = None
    predictions: tuple[Prediction, ...] = ()
    reasons: tuple[str, ...] = ()
    levels: tuple[UsersLevel, ...] = ()
    curve: tuple[Prediction, ...] = ()


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
class Term:
    """One named part of the evidence-based size, bytes, and the reason for it."""

    name: str
    bytes: int
    why: str


@dataclass(frozen=True, slots=True)
class EvidenceSize:
    """A size (bytes) as the sum of named terms for so many users; None with `unknown` why."""

    bytes: int | None
    users: int | None
    terms: tuple[Term, ...] = ()
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerAdvice:
    """How many gunicorn workers fit into `memory_bytes`, and after how many requests to recycle.

    `max_requests` None: recycling is not needed, or `refused` says why it does not help.
    `predicted_bytes`: the highest that `workers` reach with these settings.
    """

    memory_bytes: int
    workers: int
    most_workers: int
    master_bytes: int
    worker_bytes: int
    predicted_bytes: int
    max_requests: int | None = None
    jitter: int | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """One provider's cheapest plan that fits, the next smaller one, and why not that.

    `usage`: what is needed as a fraction of the plan, at the pessimistic reading of its unit.
    """

    provider: str
    plan: PlanChoice | None
    usage: float | None
    smaller: PlanChoice | None
    why_not: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of configuration: the file it goes to, its kind, and its text."""

    title: str
    file: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Sizing:
    """How much memory to rent (bytes), by which rule, and the smallest plans that hold it.

    `evidence` stands beside the rule, `difference` says why they differ. `verified`: whether the
    advice was proven by a run under it; None: not tried.
    """

    rule: str
    peak_bytes: int | None = None
    minimum_bytes: int | None = None
    recommended_bytes: int | None = None
    minimum_plan: PlanChoice | None = None
    plan: PlanChoice | None = None
    evidence: EvidenceSize | None = None
    difference: str | None = None
    workers: WorkerAdvice | None = None
    providers: tuple[ProviderChoice, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    verified: bool | None = None

    @property
    def advised_bytes(self) -> int | None:
        """What the report says to give: the size by evidence, else the rule's."""
        if self.evidence is not None and self.evidence.bytes is not None:
            return self.evidence.bytes
        return self.recommended_bytes


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    """One endpoint over the whole run; response times in milliseconds.

    `retained_bytes_per_request`: what stays of one request after the load; `transient_bytes`: what
    one needs while it is served; each with its 95 % interval, or only what it is below
    (`_below_bytes`, 97.5 % sure). `high_water_growth_bytes`: how far this endpoint alone drove the
    high-water mark above the level before. `attributed_from`: isolated, tier, regression or bound.
    """

    method: str
    name: str
    tier: str | None
    requests: int
    failures: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    retained_bytes_per_request: float | None = None
    retained_ci95: Interval | None = None
    retained_below_bytes: float | None = None
    transient_bytes: float | None = None
    transient_ci95: Interval | None = None
    transient_below_bytes: float | None = None
    high_water_growth_bytes: int | None = None
    attributed_from: str | None = None


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
    load_stopped: str | None = None


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
class Measured:
    """A figure of one run by name: unit B, ms, 1/s or 1 (a share); None where it is unknown."""

    name: str
    unit: str
    value: float | None
    ci95: Interval | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """One rule that the run had to keep. `passed` None: it could not be judged, and is not kept.

    `limit`, `actual` and `ci95` are in `unit`; `note` says that the limit lies within the noise of
    the run, or why nothing can be said.
    """

    rule: str
    limit: float | str
    unit: str
    actual: float | str | None
    passed: bool | None
    ci95: Interval | None = None
    phase: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Pressure:
    """Of the load's time: shares in which some or all tasks waited for memory; pages read again
    and faults from disk, per second. None: not measured here.
    """

    some: float | None = None
    full: float | None = None
    refaults_per_second: float | None = None
    major_faults_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class UnderLimit:
    """A run under a hard limit (bytes): whether the target survived, and what happened if not.

    `crawls`: it waited for memory so much that surviving is not fitting.
    """

    limit_bytes: int
    way: str
    counts: str | None
    survived: bool
    happenings: tuple[str, ...]
    crawls: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What another run, under a hard limit (bytes), has shown: verified, refuted or cannot_tell."""

    kind: str
    run: str
    limit_bytes: int
    word: str
    sentence: str
    reasons: tuple[str, ...]
    way: str


@dataclass(frozen=True, slots=True)
class LimitStep:
    """One try of find-limit: a limit (bytes; None: without), and how the target did under it.

    p95 in milliseconds; `pressure_some`: share of the load's time; `crawls`: it is too much.
    """

    limit_bytes: int | None
    survived: bool
    p95_ms: float | None
    pressure_some: float | None
    requests_per_second: float | None
    happenings: tuple[str, ...]
    run: str
    crawls: bool = False


@dataclass(frozen=True, slots=True)
class LimitCurve:
    """What find-limit found, bytes; None where the budget ended before.

    `minimum_bytes`: the smallest limit that was survived each time; `fails_bytes`: the largest that
    was not; `knee_bytes`: the smallest under which neither p95 nor memory stalls suffered.
    """

    resolution_bytes: int
    minimum_bytes: int | None
    fails_bytes: int | None
    knee_bytes: int | None
    steps: tuple[LimitStep, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepeatedRun:
    """One of several runs: its verdicts, peak (bytes) and leak (bytes per request)."""

    directory: str
    fit: str
    memory: str
    peak_bytes: int | None
    leak_bytes_per_request: float | None


@dataclass(frozen=True, slots=True)
class Repeated:
    """Several runs of one scenario, whether they agree, and in what they do not."""

    agree: bool
    differences: tuple[str, ...]
    runs: tuple[RepeatedRun, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that the renderers show.

    `not_separated`: endpoints of which some keep memory, but not which of them;
    `endpoint_notes`: sentences below the table of endpoints.
    """

    generated: float
    run: RunFacts
    verdict: Verdict
    memory: MemoryVerdict
    scaling: Scaling
    limit_bytes: int | None
    phases: tuple[PhaseFigures, ...]
    recovery: Recovery
    sizing: Sizing
    endpoints: tuple[EndpointFigures, ...]
    processes: tuple[ProcessFigures, ...]
    cost: MeasurementCost
    measured: tuple[Measured, ...] = ()
    pressure: Pressure = field(default_factory=Pressure)
    under_limit: UnderLimit | None = None
    proofs: tuple[Proof, ...] = ()
    limit_curve: LimitCurve | None = None
    gates: tuple[Gate, ...] = ()
    caveats: tuple[str, ...] = field(default=())
    repeated: Repeated | None = None
    inside: Inside | None = None
    attribution: Attribution | None = None
    targets: tuple[TargetFigures, ...] = ()
    connections: Connections | None = None
    hints: tuple[Hint, ...] = ()
    not_separated: tuple[NotSeparated, ...] = ()
    endpoint_notes: tuple[str, ...] = ()
