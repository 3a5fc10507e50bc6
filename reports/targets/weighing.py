"""What the targets' own verdicts change in that of the whole: the worst one counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.findings import Fit, Leak, MemoryVerdict
from reports.targets.judging import JudgedTarget
from reports.targets.unevenness import uneven

ORDER = ("fits", "fits_with_recycling", "tight", "cannot_tell", "fails")
TOLD = ("tight", "fails")


def worst_fit(total: Fit, targets: Sequence[JudgedTarget]) -> Fit:
    """The total's, or that of the target which fits worse; it is named in the reasons."""
    worst = max((one.fit.fit for one in targets), key=ORDER.index, default=total.fit)
    fit = max(worst, total.fit, key=ORDER.index)
    if fit not in TOLD and fit == total.fit:
        return total
    named = tuple(
        f"{one.figures.name}: {reason}"
        for one in targets
        if one.fit.fit == fit
        for reason in one.fit.reasons[:1]
    )
    return replace(total, fit=fit, reasons=(*named, *total.reasons))


def with_targets(total: MemoryVerdict, targets: Sequence[JudgedTarget]) -> MemoryVerdict:
    """A leak in one target is a leak of the whole; who stands out is told first.

    Where one alone leaks, and its growth is known better than that of all, its figures count.
    """
    told = uneven([one.figures for one in targets])
    guilty = [one for one in targets if one.memory.leak is not None]
    worst = max(guilty, key=_rate, default=None)
    if worst is None or (total.leak is not None and not _is_sharper(total, guilty)):
        return replace(total, reasons=(*told, *total.reasons))
    reasons = tuple(f"{worst.figures.name}: {reason}" for reason in worst.memory.reasons)
    leak = replace(worst.memory.leak or Leak(), process=worst.figures.name)
    return replace(worst.memory, leak=leak, reasons=(*told, *reasons))


def _rate(one: JudgedTarget) -> float:
    return one.memory.leak.bytes_per_request or 0.0 if one.memory.leak else 0.0


def _is_sharper(total: MemoryVerdict, guilty: Sequence[JudgedTarget]) -> bool:
    return len(guilty) == 1 and _width(guilty[0].memory) < _width(total)


def _width(found: MemoryVerdict) -> float:
    low, high = (found.leak.bytes_per_request_ci95 if found.leak else None) or (0.0, float("inf"))
    return high - low
