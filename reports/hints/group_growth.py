"""A figure of the memory group before the load and after it."""

from __future__ import annotations

from dataclasses import dataclass

from reports.aligning import AlignedPhase, AlignedRun


@dataclass(frozen=True, slots=True)
class GroupGrowth:
    """Medians in bytes, and the names of the phases that they are of."""

    before: str
    after: str
    before_bytes: int
    after_bytes: int

    @property
    def kept_bytes(self) -> int:
        """What is more after than before; below 0: less."""
        return self.after_bytes - self.before_bytes


def group_growth(run: AlignedRun, column: str) -> GroupGrowth | None:
    """From the first phase to the last one; None where a load is among them, or it is unknown."""
    if len(run.phases) < 2 or run.phases[0].is_load or run.phases[-1].is_load:
        return None
    first, last = run.phases[0], run.phases[-1]
    before, after = _median(first, column), _median(last, column)
    if before is None or after is None:
        return None
    return GroupGrowth(first.window.name, last.window.name, before, after)


def _median(phase: AlignedPhase, column: str) -> int | None:
    if column not in phase.memory:
        return None
    known = phase.memory[column].dropna()
    return int(known.median()) if len(known) else None
