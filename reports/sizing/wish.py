"""What the size is for."""

from __future__ import annotations

from dataclasses import dataclass

RESTART_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Wish:
    """For how many users (None: as many as were measured), and how long without a restart (s).

    `peaks`: the highest peaks (bytes) of repeated runs, this one included.
    """

    users: int | None = None
    restart_seconds: float = RESTART_SECONDS
    peaks: tuple[int, ...] = ()
