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
    released = [("later", "released", growth - kept)]
    if recovery.released_at_once_bytes is not None:
        released = [
            ("once", "released within 5 s", once),
            ("later", "released later", growth - kept - once),
        ]
    parts = [*released, *_kept(recovery, kept)]
    return tuple(Part(k, words, size, round(100 * size / growth, 2)) for k, words, size in parts)


def _kept(recovery: Recovery, kept: int) -> list[tuple[str, str, int]]:
    """In its parts where the processes could be asked."""
    split = recovery.split
    if split is None:
        return [("kept", "kept", kept)]
    garbage = min(split.garbage_bytes, kept)
    slack = min(split.slack_bytes, kept - garbage)
    return [
        ("kept", "kept: live objects", kept - garbage - slack),
        ("slack", "kept: free in the allocator", slack),
        ("garbage", "kept: garbage", garbage),
    ]
