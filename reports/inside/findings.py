"""What was found inside the processes, as frozen records; bytes and seconds, None is unknown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TypeGrowth:
    """All objects of one type (Node: one space of the heap): at the end, and since before.

    `growth_bytes` is at most that where the type was too small before to be told.
    """

    type: str
    count: int | None
    size_bytes: int
    growth_bytes: int


@dataclass(frozen=True, slots=True)
class LargeObject:
    """One object of over 1 MiB at the end; the text has no secrets."""

    pid: int
    type: str
    size_bytes: int
    repr: str


@dataclass(frozen=True, slots=True)
class Explained:
    """How much of the memory the breakdown by type accounts for, at the end.

    `growth_bytes` of the types, of `live_bytes` that the load left.
    """

    types_bytes: int
    rss_bytes: int | None
    growth_bytes: int
    complete: bool


@dataclass(frozen=True, slots=True)
class InsidePhase:
    """One phase: means and highest of the sums over processes; collections within the phase.

    `gc_share`: of the processes' time; `gc_longest`, `loop_delay`: seconds, the longest.
    """

    phase: str
    heap_used_mean: float | None
    heap_used_max: float | None
    external_mean: float | None
    malloc_free_mean: float | None
    gc_minor: float | None
    gc_major: float | None
    gc_seconds: float | None
    gc_share: float | None
    gc_longest: float | None
    loop_delay: float | None


@dataclass(frozen=True, slots=True)
class Rating:
    """A figure against the lines that people draw: healthy, warning, critical; `line` in words."""

    name: str
    value: str
    word: str
    line: str


@dataclass(frozen=True, slots=True)
class HeldBy:
    """What one component, package or line holds at the end, and more than before (bytes)."""

    name: str
    size_bytes: int
    growth_bytes: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Components:
    """From a run of its own with tracing on: who allocated what is held after the load.

    `share` of the growth. `traced_growth_bytes` were seen of `growth_bytes`, which that many
    requests left live in the measured run. Ratios are traced over untraced: what tracing cost.
    """

    run: str
    components: tuple[HeldBy, ...]
    packages: tuple[HeldBy, ...]
    lines: tuple[HeldBy, ...]
    traced_bytes: int
    traced_growth_bytes: int
    growth_bytes: int | None
    own_bytes: int
    rate_ratio: float | None
    p95_ratio: float | None


@dataclass(frozen=True, slots=True)
class ConstructorRow:
    """Objects of one constructor between two snapshots; bytes without and with what they hold."""

    constructor: str
    count_before: int
    count_after: int
    added: int
    kept: int
    kept_bytes: int
    held_bytes: int


@dataclass(frozen=True, slots=True)
class HeapComparison:
    """Two or three snapshots of one process; `leaking`: what most of the kept bytes hang on."""

    pid: int
    files: tuple[str, ...]
    total_before_bytes: int
    total_after_bytes: int
    kept_bytes: int
    leaking: str | None
    rows: tuple[ConstructorRow, ...]


@dataclass(frozen=True, slots=True)
class Inside:
    """All of it; `sources`: probe (Python), node. `heap_growth_bytes`: after a collection each."""

    sources: tuple[str, ...]
    processes: int
    phases: tuple[InsidePhase, ...] = ()
    types: tuple[TypeGrowth, ...] = ()
    large: tuple[LargeObject, ...] = ()
    explained: Explained | None = None
    heap_growth_bytes: int | None = None
    gc_share: float | None = None
    ratings: tuple[Rating, ...] = ()
    components: Components | None = None
    heaps: tuple[HeapComparison, ...] = ()
