"""Do the parts add up? What they predict for the mix, and what the mix really kept."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from reports.aligning import LOAD, AlignedPhase, AlignedRun
from reports.attribution.alone import growth_in
from reports.attribution.background import Background
from reports.attribution.findings import Alone, Prediction
from reports.attribution.levels import Rests, resolution
from reports.attribution.parts import is_whole, requests_of
from reports.attribution.retained import between, retained_of
from reports.peaks import highest
from reports.verdicts.trace import Trace


def prediction_of(
    levels: Rests, trace: Trace, parts: Sequence[Alone], background: Background
) -> Prediction | None:
    """None where the mix or the rest behind it is missing, or asked what no part has measured.

    `parts`: endpoints alone, and what is left of the tiers.
    """
    run, found = levels.run, mix_of(levels.run)
    if found is None:
        return None
    rest_before, mix, rest = found
    if not is_whole(run, rest) or levels.ended_between(rest_before, rest):
        return None
    before, after = levels.level(rest_before), levels.level(rest)
    counts = requests_of((mix, rest))
    added = _added(counts, parts)
    if before is None or after is None or added is None:
        return None
    requests = sum(counts.values())
    rests = between(before, after, background, requests)
    growth = growth_in(trace, LOAD, background.idle)
    retained = retained_of(rests, growth, resolution(before))
    each = retained.each
    kept, half = rests.bytes, rests.spread_bytes
    if each.value is not None:
        kept, half = each.value * requests, each.half * requests
    predicted = sum(value for _, value, _ in added)
    predicted_half = hypot(*(half for _, _, half in added))
    is_compared = each.value is not None
    agrees = abs(predicted - kept) <= hypot(predicted_half, half)
    top = highest(run, mix)
    return Prediction(
        requests=requests,
        predicted_bytes=predicted,
        predicted_half_bytes=predicted_half,
        kept_bytes=kept,
        kept_half_bytes=half,
        once_bytes=retained.once_bytes,
        disagreement=predicted / kept - 1 if is_compared else None,
        high_water_bytes=None if top is None else round(top - before.bytes),
        parts=tuple((name, value) for name, value, _ in added),
        agrees=agrees if is_compared else None,
    )


def mix_of(run: AlignedRun) -> tuple[AlignedPhase, AlignedPhase, AlignedPhase] | None:
    """The rest before the mix, the mix, and the rest behind it."""
    names = [phase.window.name for phase in run.phases]
    if LOAD not in names or not 0 < names.index(LOAD) < len(names) - 1:
        return None
    at = names.index(LOAD)
    return run.phases[at - 1], run.phases[at], run.phases[at + 1]


def _added(
    counts: dict[str, int], parts: Sequence[Alone]
) -> tuple[tuple[str, float, float], ...] | None:
    """(name, bytes, half width) that each part adds to the mix.

    What is within the noise adds nothing but its uncertainty. None where nothing was counted, or
    where an endpoint of the mix has no figure.
    """
    left, found = dict(counts), []
    for part in parts:
        if part.retained is None:
            continue
        asked = sum(left.pop(name, 0) for name, _ in part.of_endpoint)
        if asked:
            kept = part.retained
            found.append((part.name, (kept.value or 0.0) * asked, kept.half * asked))
    return tuple(found) if found and not left else None
