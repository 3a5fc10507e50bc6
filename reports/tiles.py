"""The five figures of the first screen."""

from __future__ import annotations

from dataclasses import dataclass

from reports.connections.findings import Connections
from reports.findings import Findings
from reports.phase_table import phases_of_the_load
from reports.units import duration_text, percent, size_text, small_size_text


@dataclass(frozen=True, slots=True)
class Tile:
    """A name, its figure, and one line that says where it is from."""

    name: str
    figure: str
    detail: str


def tiles(findings: Findings) -> tuple[Tile, ...]:
    """Peak, idle, per user, leak, after the load."""
    return (
        _peak(findings),
        _idle(findings),
        _per_user(findings),
        _leak(findings),
        _after(findings),
    )


def _peak(findings: Findings) -> Tile:
    phases = phases_of_the_load(findings.phases)
    known = [phase for phase in phases if phase.memory.peak_high is not None]
    if not known:
        return Tile("Peak", "unknown", "no memory was measured")
    top = max(known, key=lambda phase: phase.memory.peak_high or 0)
    peak, low = top.memory.peak_high or 0, top.memory.peak_low
    detail = f"in {top.name}, exact upper end"
    if low is not None and low < peak:
        detail += f"; largest sample {size_text(low)}"
    if findings.limit_bytes:
        detail += f"; {percent(peak / findings.limit_bytes)} of the limit"
    return Tile("Peak", size_text(peak), detail)


def _idle(findings: Findings) -> Tile:
    value = _measured(findings, "idle_bytes")
    processes = len({process.pid for process in findings.processes if process.born <= 0})
    detail = "mean before the load" + (f"; {processes} process(es)" if processes else "")
    return Tile("Idle", size_text(value), detail if value is not None else "no baseline phase")


def _per_user(findings: Findings) -> Tile:
    found = findings.scaling
    if findings.connections is not None:
        return _per_connection(findings.connections)
    if found.bytes_per_user is None or found.ci95 is None:
        return Tile("Per user", "unknown", "a staircase shows it: PLAN=staircase")
    low, high = map(small_size_text, found.ci95)
    word = found.model.replace("_", " ")
    return Tile("Per user", small_size_text(found.bytes_per_user), f"{word}; 95 %: {low} to {high}")


def _per_connection(found: Connections) -> Tile:
    name = "Per connection"
    if found.bytes_per_connection is not None and found.ci95 is not None:
        low, high = map(small_size_text, found.ci95)
        return Tile(name, small_size_text(found.bytes_per_connection), f"95 %: {low} to {high}")
    if found.below_bytes is not None:
        return Tile(name, f"below {small_size_text(found.below_bytes)}", "97.5 % sure")
    return Tile(name, "cannot tell", found.reason or "")


def _leak(findings: Findings) -> Tile:
    memory = findings.memory
    leak = memory.leak
    if leak is not None and leak.bytes_per_request is not None:
        detail = "with each request"
        if leak.bytes_per_request_ci95:
            low, high = map(small_size_text, leak.bytes_per_request_ci95)
            detail += f"; 95 %: {low} to {high}"
        if leak.seconds_to_limit is not None:
            detail += f"; limit in {duration_text(leak.seconds_to_limit)}"
        return Tile("Leak", f"+{small_size_text(leak.bytes_per_request)}", detail)
    if memory.verdict == "cannot_tell":
        return Tile("Leak", "cannot tell", memory.reasons[0] if memory.reasons else "")
    upper = memory.upper_bytes_per_request
    detail = "" if upper is None else f"below {small_size_text(upper)} with each request (97.5 %)"
    return Tile("Leak", "none seen", detail)


def _after(findings: Findings) -> Tile:
    found = findings.recovery
    if found.released_fraction is None:
        return Tile("After the load", "unknown", "no growth, or no cooldown phase")
    detail = f"{size_text(found.retained_bytes)} of {size_text(found.growth_bytes)} growth kept"
    return Tile("After the load", f"{percent(found.released_fraction)} released", detail)


def _measured(findings: Findings, name: str) -> float | None:
    return next((one.value for one in findings.measured if one.name == name), None)
