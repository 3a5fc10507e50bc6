"""What is retained after the load, in three parts: live objects, the allocator's slack, garbage."""

from __future__ import annotations

from collections.abc import Iterable

from reports.findings import Findings, Recovery, Split
from reports.inside.type_growth import mostly
from reports.units import size_text
from rundir import Event

SLACK_WORDS = {"node": "free in V8's heap", "probe": "free in the allocator"}
SMALL_BYTES = 1024 * 1024
GARBAGE_WORDS = {"node": "garbage that V8 had not collected", "probe": "garbage in cycles"}


def split_of(events: Iterable[Event], recovery: Recovery) -> Split | None:
    """None where nobody was asked, or it is not known what was retained.

    Garbage and slack are what the target gave back when it was asked, after the last phase; live is
    what remains of the retained. Some of what it gave back may have been there before the load:
    then the parts are cut, garbage last, to what was retained, and `beyond_bytes` is the rest.
    """
    asked = [event.fields for event in events if event.name == "inside_retention"]
    retained = recovery.retained_bytes
    if not asked or retained is None:
        return None
    found = {
        name: sum(int(one.get(name) or 0) for one in asked)
        for name in ("garbage_bytes", "slack_bytes", "processes")
    }
    garbage = min(found["garbage_bytes"], max(0, retained))
    slack = min(found["slack_bytes"], max(0, retained) - garbage)
    return Split(
        live_bytes=max(0, retained) - garbage - slack,
        slack_bytes=slack,
        garbage_bytes=garbage,
        beyond_bytes=found["garbage_bytes"] + found["slack_bytes"] - garbage - slack,
        source=str(asked[-1].get("source") or ""),
        processes=found["processes"],
        members=max(int(one.get("members") or 0) for one in asked),
    )


def split_sentence(findings: Findings) -> str | None:
    """What the retained consists of; None where nobody was asked, or nothing was retained."""
    recovery = findings.recovery
    split, retained = recovery.split, recovery.retained_bytes
    if split is None or retained is None or retained <= 0:
        return None
    slack = SLACK_WORDS.get(split.source, "free in the allocator")
    garbage = GARBAGE_WORDS.get(split.source, "garbage")
    text = (
        f"Of the {size_text(retained)} that did not come back: {_live(findings, split)},"
        f" {size_text(split.slack_bytes)} {slack}, {size_text(split.garbage_bytes)} {garbage}."
    )
    if split.processes < split.members:
        text += f" {split.processes} of {split.members} processes could be asked."
    return text


def _live(findings: Findings, split: Split) -> str:
    """The live part, how much of it is known objects, and what most of those are."""
    text = f"{size_text(split.live_bytes)} live"
    inside = findings.inside
    if inside is None or split.live_bytes < SMALL_BYTES:
        return text
    objects, kind = inside.heap_growth_bytes, "in V8's heap"
    if objects is None:
        objects, kind = inside.explained.growth_bytes if inside.explained else None, "as objects"
    if objects is None:
        return text
    known = min(max(0, objects), split.live_bytes)
    grown = _consists_of(findings)
    mostly_words = f", mostly {grown}" if grown else ""
    return f"{text} ({size_text(known)} of it {kind}{mostly_words})"


def _consists_of(findings: Findings) -> str | None:
    inside = findings.inside
    if inside is None:
        return None
    named = [heap.leaking for heap in inside.heaps if heap.leaking]
    # A space of V8's heap is no type.
    return named[0] if named else mostly(inside.types) if "probe" in inside.sources else None
