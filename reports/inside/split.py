"""What is retained after the load, in three parts: live objects, the allocator's slack, garbage."""

from __future__ import annotations

from collections.abc import Iterable

from reports.findings import Findings, Recovery, Split
from reports.inside.type_growth import mostly
from reports.units import size_text
from rundir import Event

SLACK_WORDS = {"node": "free in V8's heap", "probe": "free in the allocator"}
NOTABLE_BYTES = 10 * 1024 * 1024
HINTS = {
    ("probe", "slack"): "Most of it is free memory that glibc keeps: try MALLOC_ARENA_MAX=2 or"
    " MALLOC_TRIM_THRESHOLD_=131072 in the service's environment, or jemalloc.",
    ("probe", "garbage"): "Most of it waits for Python's collector: break the cycles, or call"
    " gc.collect() after heavy work.",
    (
        "node",
        "slack",
    ): "Most of it are free pages of V8's heap: a smaller --max-old-space-size makes"
    " V8 give them back sooner.",
    ("node", "garbage"): "Most of it waits for V8's collector, which has no reason to hurry: a"
    " smaller --max-old-space-size gives it one.",
}
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
    grown = mostly(findings.inside.types) if findings.inside else None
    live = f"{size_text(split.live_bytes)} live objects"
    live += f" (mostly {grown})" if grown and split.live_bytes else ""
    slack = SLACK_WORDS.get(split.source, "free in the allocator")
    garbage = GARBAGE_WORDS.get(split.source, "garbage")
    text = (
        f"Of the {size_text(retained)} that did not come back: {live},"
        f" {size_text(split.slack_bytes)} {slack}, {size_text(split.garbage_bytes)} {garbage}."
    )
    if split.processes < split.members:
        text += f" {split.processes} of {split.members} processes could be asked."
    return text


def split_hint(recovery: Recovery) -> str | None:
    """What helps, where most of what stays is no object that anybody needs."""
    split, retained = recovery.split, recovery.retained_bytes or 0
    if split is None or retained < NOTABLE_BYTES:
        return None
    if split.slack_bytes > retained / 2:
        return HINTS.get((split.source, "slack"))
    if split.garbage_bytes > retained / 2:
        return HINTS.get((split.source, "garbage"))
    return None
