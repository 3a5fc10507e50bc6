"""What a mixed run says of its endpoints, in words."""

from __future__ import annotations

from reports.attribution.shares import EndpointShares, Key, NotSeparated
from reports.findings import EndpointFigures
from reports.units import UNKNOWN, small_size_text

NAMED = 3
"""Endpoints of a group that a sentence names; the table marks them all."""

TOLD = "Kept per request is estimated from this run, in which all endpoints were asked together."
ALONE = "make attribute asks each alone, and tells."
OWN_CLASS = (
    "A user_class decides itself what is asked when: let its endpoints take turns, so that their"
    " rates differ, and run again."
)


def notes_of(shares: EndpointShares, *, can_isolate: bool = True) -> tuple[str, ...]:
    """Sentences below the table; none where the table says all.

    `can_isolate`: a plan can ask each of them alone.
    """
    if shares.unknown:
        return (f"What each endpoint keeps cannot be told from this run: {shares.unknown}.",)
    told = any(one.attributed_from for one in shares.endpoints)
    return (
        *((TOLD,) if told else ()),
        *(not_separated_sentence(group) for group in shares.not_separated),
        *((ALONE if can_isolate else OWN_CLASS,) if shares.not_separated else ()),
    )


def not_separated_sentence(group: NotSeparated) -> str:
    """Who cannot be told from whom, why, and what they keep together."""
    first, *others = group.keys
    shown = " and ".join(key_text(key) for key in others[:NAMED])
    more = len(others) - NAMED
    hidden = f" (and {more} more)" if more > 0 else ""
    why = (
        "their requests rose in step"
        if group.in_step
        else "the run is too short, or its memory too noisy, to tell which of them it is"
    )
    rate = small_size_text(group.bytes_per_request)
    return (
        f"Cannot separate {key_text(first)} from {shown}{hidden}: {why}. Together they keep"
        f" {rate}{interval_text(group.ci95)} per request to any of them."
    )


def kept_text(row: EndpointFigures, not_separated: tuple[NotSeparated, ...]) -> str:
    """One cell: a figure with its interval, what it is below, or why there is none."""
    if row.retained_bytes_per_request is not None:
        return small_size_text(row.retained_bytes_per_request) + interval_text(row.retained_ci95)
    if row.retained_below_bytes is not None:
        return f"below {small_size_text(row.retained_below_bytes)}"
    if any((row.method, row.name) in group.keys for group in not_separated):
        return "mixed: cannot be separated"
    return UNKNOWN


def key_text(key: Key) -> str:
    """Method and name, as in Locust's tables."""
    return " ".join(part for part in key if part)


def interval_text(ci95: tuple[float, float] | None) -> str:
    """Behind a figure, in brackets; nothing where there is none."""
    if ci95 is None:
        return ""
    low, high = (small_size_text(end) for end in ci95)
    return f" [{low} to {high}]"
