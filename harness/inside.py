"""What is asked of the target's own processes, and what they need for that at their start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memory_sidecar.probe.running import added, measuring_imports
from scenarios.errors import UsageError
from scenarios.model import Scenario
from scenarios.phases import PhasePlan

CHOICES = ("auto", "yes", "no")
INSPECT_PORT = "--inspect-port"
TRACE_FRAMES = 8

TRACED_START_FACTOR = 20.0
"""How much longer a traced start may take: importing pandas, FastAPI and uvicorn took 0.58 s
untraced, 2.6, 6.8 and 11.6 s with 1, 4 and 8 frames kept (`PYTHONTRACEMALLOC=8`, Python 3.11)."""


@dataclass(frozen=True, slots=True)
class Inside:
    """`components`: the map by which traced memory is grouped; None: nothing is traced.

    `imports`: the folder into which each Python writes what its imports cost; it does nothing else.
    """

    choice: str = "auto"
    snapshots: bool = False
    components: Mapping[str, Sequence[str]] | None = None
    imports: Path | None = None

    def added(self, environ: Mapping[str, str]) -> dict[str, str]:
        """To the environment of a target that we start: a probe for Python, a free port for Node.

        Opens nothing in Node; two processes that are asked later would want the same port.
        """
        if self.imports is not None:
            return measuring_imports(environ, self.imports)
        if self.choice != "yes":
            return {}
        options = environ.get("NODE_OPTIONS", "")
        more = {} if INSPECT_PORT in options else {"NODE_OPTIONS": f"{options} {INSPECT_PORT}=0"}
        return more | added(environ, None if self.components is None else TRACE_FRAMES)

    def start_timeout(self, seconds: float) -> float:
        """How long the target may take to start, in seconds, where `seconds` are asked for it."""
        return seconds if self.components is None else seconds * TRACED_START_FACTOR

    def moment_before(self, plan: PhasePlan, index: int) -> str | None:
        """What is looked at before a phase begins: all at first; snapshots around the load."""
        if self.choice == "no":
            return None
        if index == 0:
            return "before"
        before, phase = plan.phases[index - 1], plan.phases[index]
        at_edge = bool(before.users) != bool(phase.users)
        return f"after-{before.name}" if self.snapshots and at_edge else None


OUTSIDE = Inside("no")


def inside_of(options: Any, scenario: Scenario) -> Inside:
    """As the options say; snapshots and tracing need `yes`. Raises UsageError."""
    choice = options.inside
    if choice not in CHOICES:
        raise UsageError(f"--inside {choice}: expected one of {', '.join(CHOICES)}")
    asked = options.heap_snapshots or options.trace_components
    if asked and choice == "no":
        what = "--heap-snapshots" if options.heap_snapshots else "--trace-components"
        raise UsageError(f"{what} does not go with --inside no: leave one of them out")
    components = dict(scenario.components) if options.trace_components else None
    return Inside("yes" if asked else choice, options.heap_snapshots, components)
