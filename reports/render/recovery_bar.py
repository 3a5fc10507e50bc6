"""The load's growth as one bar: given back at once, given back later, kept."""

from __future__ import annotations

from dataclasses import dataclass

from reports.findings import Recovery


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the bar: its style, its words, bytes, and percent of the whole."""

    kind: str
    words: str
    bytes: int
    percent: float


def recovery_bar(recovery: Recovery) -> tuple[Part, ...]:
    """Empty without growth; memory that fell below the baseline counts as given back."""
    growth, retained = recovery.growth_bytes, recovery.retained_bytes
    if not growth or growth < 0 or retained is None:
        return ()
    kept = min(max(0, retained), growth)
    once = min(max(0, recovery.released_at_once_bytes or 0), growth - kept)
    parts = (
        ("once", "released within 5 s", once),
        ("later", "released later", growth - kept - once),
        ("kept", "kept", kept),
    )
    if recovery.released_at_once_bytes is None:
        parts = (("later", "released", growth - kept), ("kept", "kept", kept))  # type: ignore[assignment]
    return tuple(Part(k, words, size, round(100 * size / growth, 2)) for k, words, size in parts)
