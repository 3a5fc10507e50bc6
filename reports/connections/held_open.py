"""What run.json says was held open; each key may be absent, and absent is None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class HeldOpen:
    """Connections of one kind (keep-alive, events) to a path; the phases say how many.

    `read_bytes_per_second`: how slowly each stream was read; None: as it came.
    """

    kind: str
    path: str
    read_bytes_per_second: float | None = None

    @property
    def noun(self) -> str:
        """One of them."""
        return "event stream" if self.kind == "events" else "keep-alive connection"


def parse_held_open(value: Any) -> HeldOpen | None:
    """None where the run held no connections open."""
    if not isinstance(value, dict):
        return None
    rate = value.get("read_bytes_per_second")
    return HeldOpen(
        str(value.get("kind") or "keep-alive"),
        str(value.get("path") or ""),
        float(rate) if isinstance(rate, int | float) else None,
    )
