"""A case as frozen records: what is run before and after a fix, and what the fix promises.

Never imports locust: reports read the same records.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from scenarios.model import STRICT, PositiveSeconds, Text

Switches = dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], str]
"""Environment of the started service; `{max_requests}` and `{jitter}` are the report's advice."""

Memory = Literal["leak", "cache_fill", "stable", "poor_recovery", "cannot_tell"]
Fit = Literal["fits", "fits_with_recycling", "tight", "fails", "cannot_tell"]
Job = Literal["leak", "cache_fill", "stable", "cannot_tell"]
Figure = Literal[
    "idle_bytes", "peak_bytes", "retained_bytes", "leak_bytes_per_request", "p95_ms", "failure_rate"
]
Size = Annotated[str, Field(pattern=r"^[0-9.]+ ?[KMG]i?B?$")]


@dataclass(frozen=True, config=STRICT)
class CaseLoad:
    """The load of both sides: a scenario file (beside the definition) and its plan, in seconds.

    `memory_limit`, such as 1GiB, is what the report judges by; nothing enforces it. In plan
    connections `users` are open connections, and `read_bytes_per_second` makes their readers slow.
    """

    scenario: Text
    plan: Literal["steady", "staircase", "two-wave", "soak", "connections"] = "steady"
    baseline_seconds: PositiveSeconds = 8.0
    load_seconds: PositiveSeconds = 60.0
    cooldown_seconds: PositiveSeconds = 10.0
    users: Annotated[int, Field(ge=1)] = 20
    spawn_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 5.0
    memory_limit: Size | None = None
    read_bytes_per_second: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


@dataclass(frozen=True, config=STRICT)
class CaseSide:
    """What differs on one side; `load_seconds` where its load is to be longer."""

    env: Switches = Field(default_factory=dict)
    load_seconds: PositiveSeconds | None = None


@dataclass(frozen=True, config=STRICT)
class CaseFix:
    """What was changed, as code or configuration, and why that works."""

    text: Text
    excerpt: Text
    why: Text
    language: Annotated[str, Field(pattern=r"^[a-z]*$")] = "python"


@dataclass(frozen=True, config=STRICT)
class Expected:
    """Which words a side's report must say; empty: any. `recycled`: workers replaced, at least.

    `no_leak`: it tells none; one that cannot tell accuses nobody.
    """

    memory: tuple[Memory, ...] = ()
    fit: tuple[Fit, ...] = ()
    job: tuple[Job, ...] = ()
    recycled: Annotated[int, Field(ge=0)] = 0
    no_leak: bool = False


@dataclass(frozen=True, config=STRICT)
class CasePromise:
    """When the case counts as shown: words of both reports, and figures that must be better.

    `outlives_limit`: after the fix the service served more requests than would have filled the
    limit before, and its peak stayed below. `held_growth_halved`: what an open connection grows by
    each second while it is held.
    """

    better: tuple[Figure, ...] = ()
    before: Expected = Field(default_factory=Expected)
    after: Expected = Field(default_factory=Expected)
    outlives_limit: bool = False
    held_growth_halved: bool = False


@dataclass(frozen=True, config=STRICT)
class Case:
    """One case; `job`: the id of a background job whose lines are in the service's log.

    `symptom_line` is its row in the index; the other texts are Markdown.
    """

    title: Text
    symptom_line: Text
    symptom: Text
    load: CaseLoad
    before: CaseSide
    after: CaseSide
    fix: CaseFix
    promise: CasePromise
    job: Text | None = None
    not_shown: tuple[Text, ...] = ()
