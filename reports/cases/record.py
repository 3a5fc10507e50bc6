"""What both runs of a case showed: the record between judging and the page, kept beside it."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from reports.comparing.difference import Difference
from reports.comparing.figures import STRICT, PlannedPhase
from reports.findings import Interval, Measured


@dataclass(frozen=True, config=STRICT)
class Machine:
    """What both ran on; bytes."""

    cpus: int | None
    memory_bytes: int | None
    kernel: str | None
    python: str | None
    locust: str | None


@dataclass(frozen=True, config=STRICT)
class JobStory:
    """What the service's log told of the case's job: bytes for each run of it."""

    word: str
    sentence: str
    runs: int
    growth_bytes_per_run: float | None
    growth_ci95: Interval | None
    upper_bytes_per_run: float | None


@dataclass(frozen=True, config=STRICT)
class ConnectionStory:
    """What the report said of open connections: bytes for each, and a second while they are held.

    Where growth is not shown it is below `held_below_bytes_per_second`. `returned`: whether it
    came back when they were closed.
    """

    sentence: str
    bytes_per_connection: float | None
    ci95: Interval | None
    held_bytes_per_second: float | None
    held_below_bytes_per_second: float | None
    returned: str

    @property
    def held_at_most(self) -> float | None:
        """The growth, or what it is below."""
        if self.held_bytes_per_second is not None:
            return self.held_bytes_per_second
        return self.held_below_bytes_per_second


@dataclass(frozen=True, config=STRICT)
class SplitStory:
    """What was kept after the load, as the service itself says, bytes."""

    live_bytes: int
    slack_bytes: int
    garbage_bytes: int


@dataclass(frozen=True, config=STRICT)
class SideStory:
    """One run: what its report said. Bytes; `limit_bytes` None: none was given.

    `recycled`: workers that were replaced as planned. `requests_to_limit`: from the highest memory
    seen, where a leak would fill the limit.
    """

    run: str
    phases: tuple[PlannedPhase, ...]
    env: dict[str, str]
    partial: bool
    sentence: str
    fit: str
    memory: str
    confidence: str
    advice: str
    requests: int
    failures: int
    limit_bytes: int | None
    requests_to_limit: float | None
    recycled: int
    figures: tuple[Measured, ...]
    split: SplitStory | None = None
    job: JobStory | None = None
    connections: ConnectionStory | None = None

    def figure(self, name: str) -> Measured | None:
        """The figure of that name, None where it is unknown."""
        found = next((figure for figure in self.figures if figure.name == name), None)
        return found if found is not None and found.value is not None else None


@dataclass(frozen=True, config=STRICT)
class Check:
    """One thing that the case promises, what was found, and whether it was kept."""

    promise: str
    found: str
    kept: bool


@dataclass(frozen=True, config=STRICT)
class CaseRecord:
    """A case as it was run. `made` in epoch seconds; `seconds` until the second run's report."""

    case: str
    made: float | None
    seconds: float | None
    machine: Machine
    before: SideStory
    after: SideStory
    advised: dict[str, int]
    sentence: str
    differences: tuple[Difference, ...]
    caveats: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def shown(self) -> bool:
        """Whether the fix did all that the case promises."""
        return all(check.kept for check in self.checks)
