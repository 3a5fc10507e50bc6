"""What the targets' own verdicts change in that of the whole: the worst one counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.findings import Fit, MemoryVerdict
from reports.targets.judging import JudgedTarget
from reports.targets.unevenness import uneven

ORDER = ("fits", "fits_with_recycling", "tight", "cannot_tell", "fails")
TOLD = ("tight", "fails")


def worst_fit(total: Fit, targets: Sequence[JudgedTarget]) -> Fit:
    """The total's, or that of the target which fits worse; it is named in the reasons."""
    worst = max((one.fit.fit for one in targets), key=ORDER.index, default=total.fit)
    fit = max(worst, total.fit, key=ORDER.index)
    named = tuple(
        f"{one.figures.name}: {reason}"
        for one in targets
        if one.fit.fit == fit and fit in TOLD
        for reason in one.fit.reasons
    )
    if fit == "cannot_tell" and total.fit != fit:
        named = tuple(
            f"{one.figures.name}: {reason}"
            for one in targets
            if one.fit.fit == fit
            for reason in one.fit.reasons[:1]
        )
    return replace(total, fit=fit, reasons=(*named, *total.reasons))


def with_targets(total: MemoryVerdict, targets: Sequence[JudgedTarget]) -> MemoryVerdict:
    """A leak in one target is a leak of the whole; who stands out is told first."""
    told = uneven([one.figures for one in targets])
    guilty = [one for one in targets if one.memory.leak is not None]
    if total.leak is None and guilty:
        worst = max(guilty, key=lambda one: one.memory.leak.bytes_per_request or 0.0)  # type: ignore[union-attr]
        leak = worst.memory.leak
        assert leak is not None  # noqa: S101 - the guilty have one
        reasons = tuple(f"{worst.figures.name}: {reason}" for reason in worst.memory.reasons)
        found = replace(worst.memory, leak=replace(leak, process=worst.figures.name, pid=None))
        return replace(found, reasons=(*told, *reasons))
    return replace(total, reasons=(*told, *total.reasons))
