"""When the sidecar did not look, as events tell it: paused, killed, started again."""

from __future__ import annotations

from dataclasses import dataclass

from reports.aligning import AlignedRun
from rundir import Event


@dataclass(frozen=True, slots=True)
class Gap:
    """Epoch seconds; `end` None: it never looked again."""

    start: float
    end: float | None
    reason: str

    def overlaps(self, start: float, end: float) -> bool:
        """Whether any of it lies between two moments (epoch seconds)."""
        return self.start < end and (self.end is None or self.end > start)


def told_gaps(run: AlignedRun) -> tuple[Gap, ...]:
    """In order of time. A gap of unknown length ends where the next sidecar is told to start."""
    gaps: list[Gap] = []
    for event in run.data.events:
        if event.name == "sidecar_gap":
            gaps.append(_gap(event))
        elif event.name == "sidecar_restarted":
            opened = gaps.pop() if gaps and gaps[-1].end is None else None
            gaps.append(_ended(opened, event))
    return tuple(gaps)


def _gap(event: Event) -> Gap:
    """With a length it is told at its end, without one at its start."""
    seconds, reason = event.fields.get("seconds"), str(event.fields.get("reason") or "unknown")
    if event.fields.get("target"):
        reason = f"{event.fields['target']}: {reason}"
    if isinstance(seconds, int | float):
        return Gap(event.time - seconds, event.time, reason)
    return Gap(event.time, None, reason)


def _ended(opened: Gap | None, restarted: Event) -> Gap:
    seconds, attempt = restarted.fields.get("seconds"), restarted.fields.get("attempt")
    blind = float(seconds) if isinstance(seconds, int | float) else 0.0
    start = opened.start if opened else restarted.time - blind
    why = opened.reason if opened else "the sidecar was lost"
    again = f"started again (attempt {attempt})" if attempt else "started again"
    return Gap(start, restarted.time, f"{why}, {again}; peaks in between are not known")
