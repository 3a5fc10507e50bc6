"""A scenario as frozen records: what is loaded, with which requests, in which phases.

Never imports locust: reports read the same records.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

STRICT = ConfigDict(extra="forbid", strict=False)

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
PositiveSeconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1)]
Path = Annotated[str, Field(pattern=r"^/[^\s#]*$")]
Status = Annotated[int, Field(ge=100, le=599)]
Weight = Annotated[int, Field(ge=0, le=1000)]


Module = Annotated[str, Field(pattern=r"^\w+(\.\w+)*$")]
"""A module or a package, such as app.data or pandas."""


class Tier(StrEnum):
    """How much an endpoint asks of the service."""

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"


@dataclass(frozen=True, config=STRICT)
class Find:
    """How a running target is found: exactly one of the three."""

    pid: Annotated[int, Field(gt=0)] | None = None
    port: Annotated[int, Field(gt=0, le=65535)] | None = None
    name: Text | None = None


@dataclass(frozen=True, config=STRICT)
class Target:
    """The service: where it answers, how to start it, how to find it.

    `base_url` with port 0 means that a free port is chosen and put in place of `{port}` in
    `command` and `env`; `{python}` in `command` is the interpreter that runs the suite.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s?#]+/?$")]
    command: tuple[Text, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    find: Find | None = None
    health: Path = "/"
    health_timeout_seconds: PositiveSeconds = 30.0
    stop_timeout_seconds: PositiveSeconds = 5.0
    restart_timeout_seconds: PositiveSeconds = 15.0
    verify_tls: bool = True


@dataclass(frozen=True, config=STRICT)
class Endpoint:
    """One kind of request. `${key}` in path, query, headers and JSON is drawn from `[values]`."""

    path: Path
    tier: Tier
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] = "GET"
    name: Text | None = None
    weight: Annotated[int, Field(ge=1, le=1000)] = 1
    query: dict[str, str | int | float | bool] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    json: Any = None
    expect_status: tuple[Status, ...] = (200,)
    stream: bool = False
    timeout_seconds: PositiveSeconds = 60.0

    @property
    def label(self) -> str:
        """The name in statistics: `name`, else the path with its placeholders."""
        return self.name or self.path

    @property
    def key(self) -> str:
        """The row in statistics: method and name."""
        return f"{self.method} {self.label}"


@dataclass(frozen=True, config=STRICT)
class Weights:
    """Share of the requests per tier, as whole-number weights."""

    light: Weight = 60
    medium: Weight = 30
    heavy: Weight = 10

    def of(self, tier: Tier) -> int:
        """The weight of one tier."""
        return {Tier.LIGHT: self.light, Tier.MEDIUM: self.medium, Tier.HEAVY: self.heavy}[tier]


@dataclass(frozen=True, config=STRICT)
class ThinkTime:
    """A user's pause between two requests, uniform between both ends, in seconds."""

    min_seconds: Seconds = 0.1
    max_seconds: Seconds = 0.5


PlanKind = Literal[
    "steady", "staircase", "two-wave", "soak", "attribution", "connections", "manual"
]


@dataclass(frozen=True, config=STRICT)
class PhaseSettings:
    """Lengths in seconds, users and spawn rate (users per second) of the plans.

    Attribution: `single_seconds` with one user, `isolated_seconds` with all, `rest_seconds` without
    any, for each tier and endpoint alone, as long as the whole plan stays in `budget_minutes`.
    """

    plan: PlanKind = "steady"
    baseline_seconds: PositiveSeconds = 30.0
    load_seconds: PositiveSeconds = 120.0
    cooldown_seconds: PositiveSeconds = 30.0
    users: Annotated[int, Field(ge=1)] = 20
    spawn_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 5.0
    steps: Annotated[int, Field(ge=2, le=50)] = 5
    single_seconds: PositiveSeconds = 6.0
    isolated_seconds: PositiveSeconds = 20.0
    rest_seconds: PositiveSeconds = 8.0
    budget_minutes: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0


Share = Annotated[float, Field(gt=0, le=1)]


@dataclass(frozen=True, config=STRICT)
class Thresholds:
    """Where the report draws its lines; None: its own default.

    Sizes in bytes of memory that stays after the load (`heap_`: of what the runtime's own heap has
    grown by), shares of the limit, of what is given back, of failed requests, and of the time that
    collections take; `gc_runs_warning`: full collections per minute of load.
    """

    growth_warning_bytes: Annotated[int, Field(gt=0)] | None = None
    growth_critical_bytes: Annotated[int, Field(gt=0)] | None = None
    usage_warning: Share | None = None
    usage_critical: Share | None = None
    released_fraction: Share | None = None
    failed_fraction: Share | None = None
    heap_growth_warning_bytes: Annotated[int, Field(gt=0)] | None = None
    heap_growth_critical_bytes: Annotated[int, Field(gt=0)] | None = None
    gc_runs_warning: Annotated[float, Field(gt=0)] | None = None
    gc_time_warning: Share | None = None
    gc_time_critical: Share | None = None


@dataclass(frozen=True, config=STRICT)
class InsideSettings:
    """What is asked of the target's own processes.

    `ask`: auto (a probe that the application brings), yes (a started Python brings a probe, Node's
    inspector is opened) or no. `heap_snapshots`: of Node, between the phases.
    """

    ask: Literal["auto", "yes", "no"] = "auto"
    heap_snapshots: bool = False


Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True, config=STRICT)
class Gates:
    """What a run must keep for its exit code to be 0; None: no such rule.

    `peak_mib`: the highest memory, upper end. `idle_mib`: mean before the load. `growth_mib`: what
    stays after the load. `leak_kib_per_request`. `recovery_min`: share of the load's growth that
    comes back. `heap_growth_mib`: what a Node heap holds more at the end, after a collection.
    `gc_time`: share of the load's time in the collector's pauses. `failure_rate`: share of the
    load's requests. `p95_ms`: under load.
    `regression_percent`: how much more memory than `baseline` (a file or a run directory, relative
    to the scenario) is borne. `fits_plan`: the size by evidence fits "provider/plan".
    """

    peak_mib: Positive | None = None
    idle_mib: Positive | None = None
    growth_mib: Positive | None = None
    leak_kib_per_request: Positive | None = None
    recovery_min: Share | None = None
    heap_growth_mib: Positive | None = None
    gc_time: Share | None = None
    failure_rate: Annotated[float, Field(ge=0, lt=1)] | None = None
    p95_ms: Positive | None = None
    regression_percent: Positive | None = None
    baseline: Text | None = None
    fits_plan: Annotated[str, Field(pattern=r"^[^/\s]+/\S+$")] | None = None


@dataclass(frozen=True, config=STRICT)
class Guards:
    """What keeps a load from doing harm; None: the default of the host.

    `max_users`: more are refused. `max_rps`: requests per second over all users and workers.
    `stop_error_rate`, `stop_memory`: shares of the last requests and of the memory limit above
    which the load ends, after `stop_seconds`; 1 switches that rule off.
    """

    max_users: Annotated[int, Field(ge=1)] | None = None
    max_rps: Positive | None = None
    stop_error_rate: Share | None = None
    stop_memory: Share | None = None
    stop_seconds: PositiveSeconds | None = None


HOLD_PHASE = "load-hold"
"""The phase of plan `connections` in which all are open and nobody opens new ones."""

RECONNECT = "reconnect"
"""The name in statistics of what is opened again because the server had closed it."""


@dataclass(frozen=True, config=STRICT)
class Connections:
    """What plan `connections` opens, holds and closes: `count` connections to `path`.

    keep-alive: a request on each of them every `touch_seconds`. events: an answer that goes on,
    such as server-sent events, read at `read_bytes_per_second` (None: as it comes).
    """

    kind: Literal["keep-alive", "events"]
    path: Path
    count: Annotated[int, Field(ge=1)] = 200
    read_bytes_per_second: Positive | None = None
    touch_seconds: PositiveSeconds = 2.0
    headers: dict[str, str] = Field(default_factory=dict)

    @property
    def shown_path(self) -> str:
        """For people and files: a query may hold a token."""
        return self.path.partition("?")[0]


@dataclass(frozen=True, config=STRICT)
class Scenario:
    """All that one run needs to know before it starts."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    target: Target
    endpoints: tuple[Endpoint, ...] = ()
    description: str = ""
    user_class: Annotated[str, Field(pattern=r"^[\w./-]+:\w+$")] | None = None
    values: dict[str, Annotated[tuple[str | int | float, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    weights: Weights = Field(default_factory=Weights)
    think_time: ThinkTime = Field(default_factory=ThinkTime)
    phases: PhaseSettings = Field(default_factory=PhaseSettings)
    thresholds: Thresholds = Field(default_factory=Thresholds)
    gates: Gates = Field(default_factory=Gates)
    inside: InsideSettings = Field(default_factory=InsideSettings)
    guards: Guards = Field(default_factory=Guards)
    connections: Connections | None = None
    components: dict[str, Annotated[tuple[Module, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
