"""What of a run is compared, and kept in a baseline file."""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from reports.findings import Findings, Measured

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, config=STRICT)
class PlannedPhase:
    """A phase as it was run: seconds and users."""

    name: str
    seconds: float
    users: int | None


@dataclass(frozen=True, config=STRICT)
class RunFigures:
    """One run: its verdicts, its phases, and its figures. `started` in epoch seconds."""

    run: str
    scenario: str | None
    started: float | None
    fit: str
    memory: str
    sentence: str
    phases: tuple[PlannedPhase, ...]
    figures: tuple[Measured, ...]

    def figure(self, name: str) -> Measured | None:
        """The figure of that name, None where the run does not know it."""
        found = next((figure for figure in self.figures if figure.name == name), None)
        return found if found is not None and found.value is not None else None


def figures_of(findings: Findings) -> RunFigures:
    """From what the report found."""
    return RunFigures(
        findings.run.directory,
        findings.run.scenario,
        findings.run.started,
        findings.verdict.fit,
        findings.verdict.memory,
        findings.verdict.sentence,
        tuple(PlannedPhase(p.name, p.seconds, p.users) for p in findings.phases),
        findings.measured,
    )
