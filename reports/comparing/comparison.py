"""All figures of two sides, and one word for the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports.comparing.between_runs import (
    IDLE_FRACTION,
    LOAD_GROWTH_FRACTION,
    P95_FRACTION,
)
from reports.comparing.difference import (
    BETTER,
    NOT_JUDGED,
    SAME,
    UNKNOWN,
    WORSE,
    Difference,
    charged_shift,
    difference,
)
from reports.comparing.figures import RunFigures
from reports.units import MIB, figure_text, percent, size_text

JUDGED = (
    "idle_bytes",
    "peak_bytes",
    "retained_bytes",
    "bytes_per_user",
    "leak_bytes_per_request",
    "p95_ms",
    "failure_rate",
)
SHOWN = ("load_bytes", "p50_ms", "requests_per_second")
"""With their intervals, but without a word: they say the same again (the more figures are judged,
the more a difference has to be), or, the request rate, what load there was."""

INSIDE = ("heap_growth_bytes", "gc_time", "held_bytes_per_second")
"""Shown where both sides know them: how much equal runs differ in them was not measured."""

COMPARED = (*JUDGED, *SHOWN)
NAMES = {
    "idle_bytes": "idle memory",
    "load_bytes": "mean memory under load",
    "peak_bytes": "peak",
    "retained_bytes": "kept after the load",
    "bytes_per_user": "memory per user",
    "leak_bytes_per_request": "leak per request",
    "p50_ms": "response time p50",
    "p95_ms": "response time p95",
    "failure_rate": "failed requests",
    "requests_per_second": "requests per second",
    "heap_growth_bytes": "heap growth",
    "gc_time": "time in collections",
    "held_bytes_per_second": "growth per second of an open connection",
}
LOAD_TOLERANCE = 0.05
MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`word`: better, worse, mixed, no difference shown, or cannot tell."""

    word: str
    sentence: str
    base: tuple[RunFigures, ...]
    new: tuple[RunFigures, ...]
    differences: tuple[Difference, ...]
    caveats: tuple[str, ...]


def compare(base: Sequence[RunFigures], new: Sequence[RunFigures]) -> Comparison:
    """Each figure that both sides know, and the whole."""
    known = [
        name
        for name in JUDGED
        if any(run.figure(name) for run in base) and any(run.figure(name) for run in new)
    ]
    both = [name for name in INSIDE if all(any(r.figure(name) for r in s) for s in (base, new))]
    found = tuple(
        one if name in JUDGED or one.word == UNKNOWN else replace(one, word=NOT_JUDGED)
        for name in (*COMPARED, *both)
        for one in (difference(name, base, new, figures=max(1, len(known))),)
    )
    word = _whole(found)
    return Comparison(
        word, _sentence(word, found), tuple(base), tuple(new), found, _caveats(base, new, found)
    )


def _whole(found: Sequence[Difference]) -> str:
    words = {one.word for one in found}
    if BETTER in words and WORSE in words:
        return MIXED
    return next((word for word in (BETTER, WORSE, SAME) if word in words), UNKNOWN)


def _sentence(word: str, found: Sequence[Difference]) -> str:
    if word == UNKNOWN:
        return "Cannot tell: the sides have no figure in common."
    if word == SAME:
        return "No difference shown: every difference is within what equal runs differ by."
    told = [
        "; ".join(_told(one) for one in found if one.word == kind)
        for kind in (BETTER, WORSE)
        if any(one.word == kind for one in found)
    ]
    if word == MIXED:
        return f"Mixed. Better: {told[0]}. Worse: {told[1]}."
    return f"{word.capitalize()}: {told[0]}."


def _told(one: Difference) -> str:
    text = f"{NAMES[one.name]} {figure_text(one.base, one.unit)} → {figure_text(one.new, one.unit)}"
    return text if one.relative is None else f"{text} ({one.relative:+.0%})".replace("%)", " %)")


def _caveats(
    base: Sequence[RunFigures], new: Sequence[RunFigures], found: Sequence[Difference]
) -> tuple[str, ...]:
    caveats = []
    scenarios = [sorted({run.scenario or "unknown" for run in side}) for side in (base, new)]
    if scenarios[0] != scenarios[1]:
        caveats.append(
            f"The scenarios differ ({', '.join(scenarios[0])} against {', '.join(scenarios[1])}):"
            " what differs may be the load, not the service."
        )
    elif len({_plan(run) for run in (*base, *new)}) > 1:
        caveats.append("The runs had different phases or users: what differs may be the load.")
    rate = next(one for one in found if one.name == "requests_per_second")
    if rate.relative is not None and abs(rate.relative) > LOAD_TOLERANCE:
        caveats.append(
            f"The request rates differ by {percent(abs(rate.relative))}: memory that goes with"
            " requests differs with them."
        )
    if min(len(base), len(new)) < 3:
        caveats.append(
            "With fewer than three runs a side, how much equal runs differ is assumed (idle"
            f" {IDLE_FRACTION:.1%}, load's growth over idle {LOAD_GROWTH_FRACTION:.0%}, p95"
            f" {P95_FRACTION:.0%}: what repeated runs of the demo showed); three or more runs a"
            " side measure it."
        )
    shift = charged_shift(base, new)
    if abs(shift) >= MIB:
        caveats.append(
            f"File pages of {size_text(abs(shift))} were charged to the target on one side only (on"
            " the other another group had read them before): idle memory, mean and peak may differ"
            " by that alone, and their intervals have room for it."
        )
    partial = [run.run for run in (*base, *new) if run.sentence.startswith("Partial run")]
    if partial:
        caveats.append(f"Partial: {', '.join(partial)}; their figures cover a part of the plan.")
    return tuple(caveats)


def _plan(run: RunFigures) -> tuple[tuple[str, int, int | None], ...]:
    return tuple((phase.name, round(phase.seconds), phase.users) for phase in run.phases)
