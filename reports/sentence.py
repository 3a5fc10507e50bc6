"""The verdict in one sentence."""

from __future__ import annotations

from reports.ending import Ending
from reports.findings import Fit, MemoryVerdict, PhaseFigures
from reports.units import count_text, percent, size_text, small_size_text

WORDS = {
    "fits": "Fits",
    "fits_with_recycling": "Fits with recycling",
    "tight": "Tight",
    "fails": "Fails",
    "cannot_tell": "Cannot tell whether it fits",
}


CANNOT_TELL, NO_LEAK = "whether it leaks cannot be told", "no leak seen"
BY_ITSELF = {
    CANNOT_TELL: "whether the mix by itself leaks cannot be told",
    NO_LEAK: "no leak seen in the mix by itself",
}


def sentence(
    fit: Fit,
    memory: MemoryVerdict,
    ending: Ending,
    phases: tuple[PhaseFigures, ...],
    users: str = "users",
    *,
    is_part: bool = False,
) -> str:
    """Verdict word, peak against limit, growth, load; a partial run says so first.

    `users`: what they are in this run; `is_part`: its load is one part of a plan, of which others
    tell what endpoints keep.
    """
    grows = growth_words(memory)
    if is_part:
        grows = BY_ITSELF.get(grows, grows)
    parts = [_memory(fit, phases, users), grows, *_requests(phases)]
    text = f"{WORDS[fit.fit]}: {', '.join(parts)}."
    if fit.fit == "cannot_tell" and fit.reasons and not ending.partial:
        text = f"{WORDS[fit.fit]} ({fit.reasons[0]}): {', '.join(parts)}."
    if fit.fit == "fails" and fit.reasons and not ending.target_died:
        text = f"{WORDS[fit.fit]}: {fit.reasons[0]}; {', '.join(parts)}."
    return f"Partial run: {ending.story}. {text}" if ending.partial else text


def _memory(fit: Fit, phases: tuple[PhaseFigures, ...], users: str) -> str:
    measured = [phase for phase in phases if phase.memory.peak_high is not None]
    if not measured:
        return "no memory figure"
    top = max(measured, key=lambda phase: phase.memory.peak_high or 0)
    peak = top.memory.peak_high or 0
    text = f"peak {size_text(peak)} in {top.name}"
    if top.users is not None:
        text += f" at {top.users} {users}"
    if fit.limit_bytes is None:
        return f"{text}, no limit known"
    name = "limit" if fit.limit_source == "limit" else "host's memory (no limit set)"
    return f"{text}, {percent(peak / fit.limit_bytes)} of the {size_text(fit.limit_bytes)} {name}"


def growth_words(memory: MemoryVerdict) -> str:
    """What memory does, in the sentence."""
    leak = memory.leak
    if memory.verdict == "leak" and leak is not None:
        return f"leaks {small_size_text(leak.bytes_per_request)} with each request"
    return {
        "stable": NO_LEAK,
        "cache_fill": "grows to a plateau",
        "poor_recovery": "keeps what the load needed",
    }.get(memory.verdict, CANNOT_TELL)


def _requests(phases: tuple[PhaseFigures, ...]) -> list[str]:
    load = [phase for phase in phases if phase.is_load and phase.requests is not None]
    if not load:
        return ["requests unknown"]
    requests = sum(phase.requests or 0 for phase in load)
    failures = sum(phase.failures or 0 for phase in load)
    seconds = sum(phase.seconds for phase in load)
    rate = _rate(requests, seconds)
    return [rate, f"{count_text(failures)} of {count_text(requests)} requests failed"]


def _rate(requests: int, seconds: float) -> str:
    if seconds <= 0:
        return "request rate unknown"
    return f"{requests / seconds:,.1f} requests/s under load"
