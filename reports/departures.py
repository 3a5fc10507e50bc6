"""Why processes of the target went away, in words."""

from __future__ import annotations

from typing import Any

RECYCLED = "recycled"


def departure_text(facts: dict[str, Any]) -> str:
    """How a process_exited event's fields read; empty where they say nothing."""
    cause, planned = facts.get("cause"), facts.get("planned")
    if cause == "stopped_by_us":
        return "stopped by the suite"
    if cause == "oom_kill":
        return f"{_ended_by(facts) or 'killed'}: out of memory"
    what = RECYCLED if cause == RECYCLED else _ended_by(facts)
    if not what and cause is not None:
        what = "cause unknown"
    meant = "" if planned is None else "planned" if planned else "unplanned"
    return ", ".join(part for part in (what, meant) if part)


def _ended_by(facts: dict[str, Any]) -> str:
    if facts.get("signal") is not None:
        return f"killed by signal {facts['signal']}"
    return "" if facts.get("exit_code") is None else f"exit code {facts['exit_code']}"
