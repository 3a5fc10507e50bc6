"""Hint: one endpoint keeps memory of each request."""

from __future__ import annotations

from reports.findings import EndpointFigures
from reports.hints.figures import from_where, interval_words
from reports.hints.hint import Hint
from reports.hints.next_inside import NextInside, next_inside
from reports.hints.seen import Seen
from reports.units import count_of, size_text, small_size_text


def leaking_endpoint(seen: Seen) -> Hint | None:
    """The one that keeps most of the load; None where none is shown to keep anything."""

    def kept_bytes(one: EndpointFigures) -> float:
        return (one.retained_bytes_per_request or 0.0) * seen.under_load(one)

    keeping = sorted(filter(_keeps, seen.findings.endpoints), key=kept_bytes, reverse=True)
    if not keeping:
        return None
    worst, inside = keeping[0], next_inside(seen) or _by_hand(seen)
    name, each = f"{worst.method} {worst.name}", small_size_text(worst.retained_bytes_per_request)
    evidence = [
        f"it keeps {each} of each request"
        f"{interval_words(worst.retained_ci95, from_where(worst))}:"
        f" {size_text(kept_bytes(worst))} of {count_of(seen.under_load(worst), 'request')} under"
        " load",
        inside.evidence,
    ]
    if len(keeping) > 1:
        others = sum(map(kept_bytes, keeping[1:]))
        evidence.append(f"{count_of(len(keeping) - 1, 'other endpoint')} {size_text(others)}")
    return Hint(
        f"{name} keeps memory of each request",
        "; ".join(filter(None, evidence)),
        inside.step,
        inside.command,
        "endpoints",
        seen.in_a_day(kept_bytes(worst)),
    )


def _by_hand(seen: Seen) -> NextInside:
    """Where its processes cannot be asked."""
    step = "Look up what it keeps of a request, mend it, run again and compare"
    return NextInside("", step, seen.commands.after())


def is_attributed(seen: Seen) -> bool:
    """Whether any endpoint is shown to keep memory."""
    return any(map(_keeps, seen.findings.endpoints))


def _keeps(endpoint: EndpointFigures) -> bool:
    kept, interval = endpoint.retained_bytes_per_request, endpoint.retained_ci95
    return kept is not None and kept > 0 and (interval is None or interval[0] > 0)
