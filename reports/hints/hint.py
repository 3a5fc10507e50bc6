"""One hint, as a frozen record."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN = 6
"""On screens; report.json has all."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What to look at, the figures that it follows from, what to do, and the command that does it.

    `section`: the id of the report's section that has more. `stake_bytes` orders the hints: what
    this finding costs in memory; of a leak, in a day.
    """

    title: str
    evidence: str
    step: str
    command: str
    section: str
    stake_bytes: int
