"""What a hint may look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from reports.aligning import AlignedRun
from reports.findings import EndpointFigures, Findings, PhaseFigures
from reports.hints.commands import Commands
from reports.verdicts.trace import Trace

DAY_SECONDS = 24 * 3600
PYTHON = re.compile(r"(python|pypy)[\d.]*t?|uvicorn|gunicorn|hypercorn|granian|celery|flask")
NODE = re.compile(r"node(js)?\d*|node-mainthread|npm|npx|yarn|pnpm|tsx|bun")


@dataclass(frozen=True, slots=True)
class Seen:
    """One run: what was found, the samples behind it, and how it is run again."""

    findings: Findings
    run: AlignedRun
    trace: Trace
    commands: Commands

    @property
    def baseline(self) -> PhaseFigures | None:
        """The phase before the load; None where the run began with users."""
        first = next(iter(self.findings.phases), None)
        return first if first is not None and not first.is_load else None

    @property
    def peak_bytes(self) -> int | None:
        """The highest that the load can have needed."""
        return self.findings.sizing.peak_bytes

    @property
    def load_seconds(self) -> float:
        """Of all phases with users."""
        return sum(phase.seconds for phase in self.findings.phases if phase.is_load)

    @property
    def is_python(self) -> bool:
        """A process of the target, or what started it, is known as Python's."""
        return self._runs(PYTHON) or "probe" in self._sources

    @property
    def is_node(self) -> bool:
        """The same for Node."""
        return self._runs(NODE) or "node" in self._sources

    def under_load(self, endpoint: EndpointFigures) -> int:
        """Its requests in the phases with users: of a plan of parts, those of the mix.

        All of them where nobody counted by phase.
        """
        loads = [phase.entries for phase in self.run.phases if phase.is_load]
        if not loads or None in loads:
            return endpoint.requests
        key = endpoint.method, endpoint.name
        entries = [entry for phase in loads for entry in phase or ()]
        return sum(one.requests for one in entries if (one.method, one.name) == key)

    def in_a_day(self, size_bytes: float) -> int:
        """What grew by so much under this load grows by in a day of it."""
        seconds = self.load_seconds
        return round(size_bytes * DAY_SECONDS / seconds) if seconds > 0 else round(size_bytes)

    @property
    def _sources(self) -> tuple[str, ...]:
        return self.findings.inside.sources if self.findings.inside else ()

    def _runs(self, programs: re.Pattern[str]) -> bool:
        names = [process.name for process in self.findings.processes]
        names += [Path(word).name for word in self.run.data.info.again.command[:1]]
        # Some put more behind it: "gunicorn: master [app]", "npm run start".
        return any(programs.fullmatch(re.split(r"[:\s]", name.lower())[0]) for name in names)
