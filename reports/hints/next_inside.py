"""Once it is known that memory is kept: how to find who keeps it, from what was asked so far."""

from __future__ import annotations

from dataclasses import dataclass

from reports.findings import Findings
from reports.hints.seen import Seen
from reports.inside.findings import TypeGrowth
from reports.inside.type_growth import NOTABLE_BYTES
from reports.units import size_text, small_size_text

ASK = "Ask the processes which objects they keep"
START = (
    "Start the service through the suite, so that it brings a probe that is asked which objects are"
    " kept (one that runs already: python -m memory_sidecar.probe attach, from Python 3.14 on)"
)


@dataclass(frozen=True, slots=True)
class NextInside:
    """`evidence`: what is known from inside, empty where nothing is; then as in a hint."""

    evidence: str
    step: str
    command: str


def next_inside(seen: Seen) -> NextInside | None:
    """The narrowest question that has not been answered yet; None where nobody could answer."""
    return _from_components(seen) or _from_heaps(seen) or _from_types(seen) or _not_asked(seen)


def _from_components(seen: Seen) -> NextInside | None:
    inside = seen.findings.inside
    lines = inside.components.lines if inside and inside.components else ()
    held = max(lines, key=lambda line: line.growth_bytes, default=None)
    if held is None or held.growth_bytes < NOTABLE_BYTES:
        return None
    return NextInside(
        f"{held.name} holds {small_size_text(held.growth_bytes)} more after the traced load",
        f"Mend what is kept at {held.name}, run again and compare",
        seen.commands.after(),
    )


def _from_heaps(seen: Seen) -> NextInside | None:
    heaps = seen.findings.inside.heaps if seen.findings.inside else ()
    told = next((heap for heap in heaps if heap.leaking), None)
    if told is None:
        return None
    return NextInside(
        f"{small_size_text(told.kept_bytes)} were kept in the heap of process {told.pid},"
        f" most of it hangs on {told.leaking}",
        f"Look up who holds {told.leaking} in the snapshots, mend it, run again and compare",
        seen.commands.after(),
    )


def _from_types(seen: Seen) -> NextInside | None:
    grown = _grown(seen.findings)
    if grown is None:
        return None
    return _traced(
        seen,
        f"{grown.type} objects grew by {small_size_text(grown.growth_bytes)}",
        f"which code allocated what is kept, {grown.type} first",
    )


def _grown(findings: Findings) -> TypeGrowth | None:
    """Of Python's types; a space of V8's heap is none."""
    inside = findings.inside
    if inside is None or "probe" not in inside.sources:
        return None
    found = max(inside.types, key=lambda row: row.growth_bytes, default=None)
    return found if found is not None and found.growth_bytes >= NOTABLE_BYTES else None


def _traced(seen: Seen, evidence: str, what: str) -> NextInside:
    """Tracing repeats the run; where that cannot be, one that can comes first."""
    if seen.commands.can_repeat:
        return NextInside(evidence, f"See {what}", seen.commands.on_run("components"))
    step = (
        "Load the service by a plan, started by the suite; make components on that run then says"
        f" {what}"
    )
    return NextInside(evidence, step, seen.commands.started("INSIDE=1"))


def _not_asked(seen: Seen) -> NextInside | None:
    if seen.is_node:
        step = "Take snapshots of V8's heap between the phases: they name the constructor"
        return NextInside("", step, seen.commands.again("HEAP_SNAPSHOTS=1"))
    if not seen.is_python:
        return None
    inside = seen.findings.inside
    if inside is None or "probe" not in inside.sources:
        return NextInside("", ASK if seen.commands.is_started else START, seen.commands.asking())
    return _traced(
        seen,
        _unexplained(seen.findings),
        "which code allocated what is kept; what is not there either is native memory",
    )


def _unexplained(findings: Findings) -> str:
    """That no type grew, and what then stays live, where that is known."""
    text = f"no type of object grew by {small_size_text(NOTABLE_BYTES)}"
    split, inside = findings.recovery.split, findings.inside
    if split is None or inside is None or inside.explained is None:
        return text
    return (
        f"{text}: after the last phase {size_text(split.live_bytes)} stayed live, of which objects"
        f" explain {size_text(max(0, inside.explained.growth_bytes))}"
    )
