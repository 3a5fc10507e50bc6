"""Hint: one endpoint needs much memory for a moment."""

from __future__ import annotations

from reports.findings import EndpointFigures
from reports.hints.figures import from_where, interval_words
from reports.hints.hint import Hint
from reports.hints.seen import Seen
from reports.units import percent, size_text, small_size_text

PEAK_SHARE = 0.2
"""Of what the peak lies above the baseline: less is not what makes the size."""

NOTABLE_BYTES = 4 * 1024 * 1024


def transient(seen: Seen) -> Hint | None:
    """The endpoint that drives the peak most; None where none is shown to."""
    needing = [one for one in seen.findings.endpoints if _needs(one)]
    worst = max(needing, key=lambda one: _at_stake(seen, one), default=None)
    if worst is None:
        return None
    above, stake = _above_baseline(seen), _at_stake(seen, worst)
    if stake < max(NOTABLE_BYTES, PEAK_SHARE * (above or 0)):
        return None
    name = f"{worst.method} {worst.name}"
    return Hint(
        f"{name} needs much memory for a moment",
        _evidence(seen, worst, above),
        "Stream or page its answer, or limit how many run at once; then run again and compare",
        seen.commands.after(),
        "endpoints",
        round(stake),
    )


def _needs(endpoint: EndpointFigures) -> bool:
    needed, interval = endpoint.transient_bytes, endpoint.transient_ci95
    return needed is not None and needed > 0 and (interval is None or interval[0] > 0)


def _at_stake(seen: Seen, endpoint: EndpointFigures) -> float:
    """What as many requests need as the highest mark has room for, bytes."""
    return (endpoint.transient_bytes or 0.0) * (_at_once(seen, endpoint) or 1.0)


def _at_once(seen: Seen, endpoint: EndpointFigures) -> float | None:
    """How many of them the highest mark holds; what stays of requests is not among them."""
    name, found = f"{endpoint.method} {endpoint.name}", seen.findings.attribution
    alone = found.rows if found is not None else ()
    return next((one.at_once for one in alone if name in dict(one.of_endpoint)), None)


def _above_baseline(seen: Seen) -> int | None:
    peak, before = seen.peak_bytes, seen.baseline
    low = before.memory.mean if before else None
    return peak - low if peak is not None and low is not None and peak > low else None


def _evidence(seen: Seen, worst: EndpointFigures, above: int | None) -> str:
    each, together = worst.transient_bytes or 0.0, _at_once(seen, worst)
    text = (
        f"it needs {small_size_text(each)} while it is served"
        f"{interval_words(worst.transient_ci95, from_where(worst))}"
    )
    if together is not None:
        text += (
            f"; at most {together:.1f} of them at once, {size_text(each * together)}, when all"
            " users asked it alone"
        )
    if above is not None:
        text += (
            f"; one is {percent(min(1.0, each / above))} of the {size_text(above)} from baseline to"
            " peak"
        )
    return text
