"""Why processes of the target went away, in words."""

from __future__ import annotations

from typing import Any

CAUSES = {
    "recycled": "recycled",
    "oom_kill": "killed for lack of memory",
    "stopped_by_us": "stopped by the suite",
}


def departure_text(facts: dict[str, Any]) -> str:
    """How a process_exited event's fields read; empty where they say nothing."""
    parts = [CAUSES.get(str(facts.get("cause")), "")]
    if facts.get("exit_code") is not None:
        parts.append(f"exit code {facts['exit_code']}")
    if facts.get("signal") is not None:
        parts.append(f"signal {facts['signal']}")
    if facts.get("planned") is not None:
        parts.append("planned" if facts["planned"] else "unplanned")
    return ", ".join(part for part in parts if part)
