"""How far the answer can be trusted, why, and what would raise it.

High: two or more runs that agree, a leak (if any) whose interval is narrower than half the room,
and advice that a run has proven. Medium: one run that could be judged. Low: it could not, or RSS
alone was read, or the size is for more than 1.5 times the users measured, or the run is partial.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.findings import Confidence, Fit, MemoryVerdict, PhaseFigures
from reports.units import count_text, percent
from reports.verdicts.fit import PARTIAL

EXTRAPOLATION = 1.5
HALF_OF_ROOM = 0.5


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the confidence rests on. `agreeing_runs`: 1 for a lone run; 0: they disagree."""

    fit: Fit
    memory: MemoryVerdict
    phases: tuple[PhaseFigures, ...]
    partial: bool
    wanted_users: int | None
    agreeing_runs: int
    verified: bool | None
    peak_bytes: int | None


def confidence(grounds: Grounds) -> Confidence:
    """The level with its reasons, and the one step that would raise it."""
    against = _against(grounds)
    if against:
        return Confidence("low", tuple(reason for reason, _ in against), against[0][1])
    reasons, missing = _for_and_missing(grounds)
    if missing:
        return Confidence("medium", tuple(reasons), missing[0])
    return Confidence("high", tuple(reasons), None)


def _against(grounds: Grounds) -> list[tuple[str, str]]:
    """What makes it low, each with the remedy."""
    found = []
    memory = grounds.memory
    if grounds.partial:
        told = (one for one in grounds.fit.reasons if one.startswith(PARTIAL))
        found.append((next(told, PARTIAL), "a run to its end"))
    others = [one for one in grounds.fit.reasons if not one.startswith(PARTIAL)]
    if grounds.fit.fit == "cannot_tell" and (others or not found):
        reason = others[0] if others else "fit unknown"
        remedy = "a run with LIMIT= set" if "no limit" in reason else "the same run without that"
        found.append((reason, remedy))
    if memory.verdict == "cannot_tell" and (memory.reasons[0], "") not in [
        (r, "") for r, _ in found
    ]:
        found.append((memory.reasons[0], memory.would_decide or "a longer run"))
    measures = {phase.memory.measure for phase in grounds.phases if phase.memory.measure}
    if measures and measures <= {"rss"}:
        found.append(
            (
                "RSS alone could be read: shared pages count once per process",
                "a run that may read PSS or the cgroup (same user as the target, or root)",
            )
        )
    measured = _measured_users(grounds)
    if grounds.wanted_users and measured and grounds.wanted_users > EXTRAPOLATION * measured:
        found.append(
            (
                f"{count_text(grounds.wanted_users)} users are more than {EXTRAPOLATION:g} times"
                f" the {count_text(measured)} measured",
                f"a run with USERS={grounds.wanted_users}",
            )
        )
    if grounds.agreeing_runs == 0:
        found.append(("repeated runs disagree", "more runs on a quiet machine"))
    return found


def _for_and_missing(grounds: Grounds) -> tuple[list[str], list[str]]:
    reasons, missing = [], []
    memory = grounds.memory
    if grounds.agreeing_runs >= 2:
        reasons.append(f"{grounds.agreeing_runs} runs agree")
    else:
        reasons.append("one run")
        missing.append("a second run of the same scenario: python -m reports RUN RUN")
    if memory.certainty is not None:
        reasons.append(
            f"{memory.verdict.replace('_', ' ')} with probability {_sure(memory.certainty)}"
        )
    width = _leak_width(grounds)
    if width is not None:
        reasons.append(f"the leak's interval is {percent(width)} of the room to the limit wide")
        if width > HALF_OF_ROOM:
            missing.append("a longer load: the leak's interval would be narrower")
    if grounds.verified:
        reasons.append("a run under the advised limit has proven it")
    else:
        reasons.append("the advice was not tried")
        missing.append("a run under the advised limit: make verify RUN=...")
    return reasons, missing


def _sure(probability: float) -> str:
    return "over 99 %" if probability > 0.99 else percent(probability)


def _leak_width(grounds: Grounds) -> float | None:
    """Width of the leak's interval over the run's requests, as a fraction of the room left."""
    leak, limit, peak = grounds.memory.leak, grounds.fit.limit_bytes, grounds.peak_bytes
    if leak is None or leak.bytes_per_request_ci95 is None or not limit or not peak:
        return None
    requests = sum(phase.requests or 0 for phase in grounds.phases if phase.is_load)
    low, high = leak.bytes_per_request_ci95
    return (high - low) * requests / (limit - peak) if limit > peak and requests else None


def _measured_users(grounds: Grounds) -> int:
    return max((phase.users or 0 for phase in grounds.phases if phase.is_load), default=0)
