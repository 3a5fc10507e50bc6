"""Two runs of one load, without and under a limit -> verified, refuted, or cannot tell."""

from __future__ import annotations

from reports.comparing.difference import WORSE, difference
from reports.comparing.figures import figures_of
from reports.findings import Findings, Proof
from reports.proving.under_limit import pressure_words
from reports.units import milliseconds_text, percent, rate_text, size_text

VERIFIED, REFUTED, CANNOT_TELL = "verified", "refuted", "cannot_tell"
LOAD_TOLERANCE = 0.05
"""A load that differs by more from the one it repeats has proven nothing about it."""

JUDGED_TOGETHER = 2


def verify(before: Findings, after: Findings) -> Proof:
    """Judge `after`, which ran under a hard limit, by what `before` showed without one.

    Refuted by a kill, a death, a lost worker, failures, slower answers or memory stalls; cannot
    tell where the load was not repeated within LOAD_TOLERANCE or the run is partial for another
    reason; else verified. Raises ValueError where `after` had no hard limit.
    """
    under = after.under_limit
    if under is None:
        raise ValueError("the run had no hard limit")
    against = [*under.happenings, *_slower_or_failing(before, after)]
    if under.crawls:
        against.append(f"it survives, but crawls: {pressure_words(after.pressure)}")
    doubts = [] if against else _doubts(before, after)
    word = REFUTED if against else CANNOT_TELL if doubts else VERIFIED
    reasons = tuple(against or doubts or _for(before, after))
    return Proof(
        "verify",
        after.run.directory,
        under.limit_bytes,
        word,
        f"{word.replace('_', ' ')} under {size_text(under.limit_bytes)}: {'; '.join(reasons)}",
        reasons,
        under.way,
    )


def _slower_or_failing(before: Findings, after: Findings) -> list[str]:
    sides = ([figures_of(before)], [figures_of(after)])
    found = []
    failures = difference("failure_rate", *sides, figures=JUDGED_TOGETHER)
    if failures.word == WORSE:
        found.append(
            f"failed requests went from {percent(failures.base)} to {percent(failures.new)}"
        )
    slower = difference("p95_ms", *sides, figures=JUDGED_TOGETHER)
    if slower.word == WORSE:
        found.append(
            f"p95 went from {milliseconds_text(slower.base)} to {milliseconds_text(slower.new)}"
        )
    return found


def _doubts(before: Findings, after: Findings) -> list[str]:
    found = []
    if after.run.partial:
        found.append("the run under the limit is partial")
    rate = difference("requests_per_second", [figures_of(before)], [figures_of(after)])
    if rate.relative is None:
        found.append("the request rate of one of the runs is unknown")
    elif abs(rate.relative) > LOAD_TOLERANCE:
        found.append(
            f"the load was not repeated: {rate_text(rate.base)} then, {rate_text(rate.new)} now"
        )
    users = [max((p.users or 0 for p in one.phases), default=0) for one in (before, after)]
    if users[0] != users[1]:
        found.append(f"the load was not repeated: {users[0]} users then, {users[1]} now")
    return found


def _for(before: Findings, after: Findings) -> list[str]:
    slower = difference("p95_ms", [figures_of(before)], [figures_of(after)])
    if slower.base is None or slower.new is None:
        answer = "response times unknown"
    else:
        answer = (
            f"p95 {milliseconds_text(slower.new)} ({milliseconds_text(slower.base)} without a"
            " limit: no difference shown)"
        )
    return ["no OOM kill, no restart", answer, pressure_words(after.pressure)]
