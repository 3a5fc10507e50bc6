"""Words that several hints need for their figures."""

from __future__ import annotations

from reports.findings import EndpointFigures, Interval
from reports.units import small_size_text

PLACES = {
    "isolated": "in a phase of its own",
    "regression": "from the mixed load",
}


def interval_words(interval: Interval | None, where: str = "") -> str:
    """The 95 % interval of bytes and where it was measured, in brackets behind the figure."""
    ends = None if interval is None else tuple(map(small_size_text, interval))
    parts = [f"95 %: {ends[0]} to {ends[1]}" if ends else "", where]
    text = ", ".join(filter(None, parts))
    return f" ({text})" if text else ""


def from_where(endpoint: EndpointFigures) -> str:
    """From which phases an endpoint's figures are; empty where that is not told."""
    return PLACES.get(endpoint.attributed_from or "", "")
