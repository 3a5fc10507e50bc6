"""What an attribution run says, in sentences, and what it cannot know."""

from __future__ import annotations

from collections.abc import Sequence

from reports.attribution.findings import Alone, Attribution, Estimate, Prediction
from reports.attribution.remaining import shown_of
from reports.attribution.suspicion import TRANSIENT_BYTES
from reports.attribution.wording import interval_text
from reports.units import UNKNOWN, count_text, percent, size_text, small_size_text

HEADLINE_PARTS = 2

FAILURES = 0.05
"""Share of the requests that is told."""


def sentences_of(
    shown: Sequence[Alone], told: Prediction | None, lost: Sequence[str]
) -> tuple[str, ...]:
    """Who keeps, who borrows, the others, and whether the parts add up to the mix.

    `shown`: endpoints alone, and what is left of the tiers; `lost`: parts that were not measured.
    """
    if not shown:
        return ("No part of the plan was measured: nothing is known of any endpoint.",)
    found = [
        *(_keeps(one) for one in sorted(shown, key=_rate, reverse=True) if _has(one.retained)),
        *(_once(one) for one in shown if one.once_bytes),
        *(_borrows(one) for one in sorted(shown, key=_need, reverse=True) if _has(one.transient)),
    ]
    if not found:
        found.append(_nobody(shown, lost))
    return (*found, *(() if told is None else (_adds_up(told),)))


def _nobody(shown: Sequence[Alone], lost: Sequence[str]) -> str:
    """Only who was measured can be said not to stand out."""
    bounds = [one.retained.upper for one in shown if one.retained is not None]
    unknown = [*(one.name for one in shown if one.retained is None), *lost]
    if not bounds:
        return "What endpoints keep could not be measured."
    text = f"at most {small_size_text(max(bounds))} stay with a request"
    if unknown:
        who = f"Of those that were measured (without {', '.join(unknown)})"
        return f"{who}, nobody stands out of the noise: {text}."
    return f"No endpoint stands out of the noise: {text}."


def headline_of(found: Attribution | None) -> str | None:
    """Who keeps memory, for the report's first sentence; None where nobody is shown to."""
    if found is None:
        return None
    shown = shown_of(found.tiers, found.endpoints)
    guilty = sorted((one for one in shown if _has(one.retained)), key=_rate, reverse=True)
    told = [f"{one.name} keeps {small_size_text(_rate(one))} of each request" for one in guilty]
    return f"{capital(', '.join(told[:HEADLINE_PARTS]))}." if told else None


def capital(text: str) -> str:
    """Beginning a sentence."""
    return text[:1].upper() + text[1:]


def estimate_text(found: Estimate | None) -> str:
    """20.1 KiB [18.9 KiB to 21.3 KiB]; below 1.4 KiB; 30.0 MiB (the largest seen); unknown."""
    if found is None:
        return UNKNOWN
    if found.value is None:
        return f"below {small_size_text(found.below)}"
    if found.interval is None:
        return f"{small_size_text(found.value)} (the largest seen)"
    return small_size_text(found.value) + interval_text(found.interval)


def _has(found: Estimate | None) -> bool:
    return found is not None and found.value is not None


def _rate(one: Alone) -> float:
    return one.retained.value or 0.0 if one.retained is not None else 0.0


def _need(one: Alone) -> float:
    return one.transient.value or 0.0 if one.transient is not None else 0.0


def _keeps(one: Alone) -> str:
    return (
        f"{capital(one.name)} keeps {estimate_text(one.retained)} of each request"
        f" ({size_text(_rate(one) * one.requests)} of {count_text(one.requests)} requests)."
    )


def _once(one: Alone) -> str:
    kept = size_text(one.once_bytes)
    return f"{capital(one.name)} kept at least {kept} once, not with each request."


def _borrows(one: Alone) -> str:
    together = "" if one.at_once is None else f"; at most {one.at_once:.1f} times that at once"
    needed = estimate_text(one.transient)
    return f"{capital(one.name)} needs {needed} while a request is served{together}."


def _adds_up(told: Prediction) -> str:
    mix = (
        f"the mix kept {size_text(told.kept_bytes)} of {count_text(told.requests)} requests"
        f" (±{size_text(told.kept_half_bytes)})"
    )
    parts = f"{size_text(told.predicted_bytes)} (±{size_text(told.predicted_half_bytes)})"
    if told.disagreement is None and told.once_bytes:
        once = size_text(told.once_bytes)
        return f"The parts alone predict {parts}; {mix}, at least {once} of it once: not compared."
    if told.disagreement is None:
        return f"The parts alone predict {parts}; {mix}: within the noise, nothing to compare."
    side = "more" if told.disagreement > 0 else "less"
    # Of parts that are all within the noise a share says nothing.
    far = percent(abs(told.disagreement))
    if not told.predicted_bytes:
        far = size_text(abs(told.predicted_bytes - told.kept_bytes))
    agrees = ", within what both leave open" if told.agrees else ""
    return (
        f"The parts alone predict {parts}; {mix}: {far} {side} was predicted than was kept{agrees}."
    )


def caveats_of(
    found: Attribution, shown: Sequence[Alone], unseen: tuple[str, ...]
) -> tuple[str, ...]:
    """What the figures rest on, and what is missing; `unseen`: endpoints of suspicious tiers."""
    caveats = []
    if found.idle_bytes_per_second is not None:
        caveats.append(
            f"Memory grows by {small_size_text(found.idle_bytes_per_second)} a second without any"
            " request; that is taken out of what endpoints retain."
        )
    if unseen:
        caveats.append(
            f"Not seen alone, only within their tier: {', '.join(unseen)}; more --budget-minutes"
            " or fewer endpoints would tell."
        )
    if found.lost:
        caveats.append(
            f"Not measured, for want of samples in a rest: {', '.join(found.lost)}; a longer --rest"
            " has more."
        )
    if found.ended:
        caveats.append(
            f"Not measured, for a process of the target ended in it: {', '.join(found.ended)}; what"
            " it held went with it. A run without --max-requests, or one in which nothing is"
            " restarted, says more."
        )
    if found.unreached:
        caveats.append(
            f"Not asked alone to the end: {', '.join(found.unreached)}; the run ended before, or"
            " the part was stopped. Nothing is said of them."
        )
    if found.prediction is None:
        caveats.append("The mix is not compared with its parts: not all of both were measured.")
    return (*caveats, *_failed(shown), *_too_few(shown), *_unexplained(shown))


def _unexplained(shown: Sequence[Alone]) -> tuple[str, ...]:
    return tuple(
        f"The peak of {one.name} under all users lies {size_text(one.unexplained_bytes)} higher"
        " than what one user's requests needed explains: some need more than that user met, or"
        " only many at once do."
        for one in shown
        if one.unexplained_bytes > TRANSIENT_BYTES
    )


def _failed(shown: Sequence[Alone]) -> tuple[str, ...]:
    return tuple(
        f"{percent(one.failures / one.requests)} of the requests to {one.name} failed: its figures"
        " are, or would be, those of failing."
        for one in shown
        if one.requests and one.failures > FAILURES * one.requests
    )


def _too_few(shown: Sequence[Alone]) -> tuple[str, ...]:
    names = [
        one.name
        for one in shown
        # Of a remainder it is never known: the largest request may be one that was taken out.
        if one.requests and one.transient is None and one.retained and not one.remainder
    ]
    if not names:
        return ()
    return (
        f"What a request needs for a moment is unknown of {', '.join(names)}: the one user got too"
        " few answers (--single gives it more seconds), or no exact peaks were read.",
    )
