"""What is announced of the load: it is written beside every sample."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tag:
    """Phase, its number in the plan (-1: none yet), users."""

    phase: str = "unphased"
    index: int = -1
    users: int | None = None
