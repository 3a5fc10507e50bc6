"""Whether memory is stable or leaks: not answered by one short run."""

from __future__ import annotations

REASON = "memory: leak verdicts come with a later version; one short run cannot tell"


def memory_verdict() -> tuple[str, str]:
    """Always cannot_tell, with the reason."""
    return "cannot_tell", REASON
