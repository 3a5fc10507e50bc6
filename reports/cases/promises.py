"""Whether the fix did what its case promises, thing by thing; nothing is read in here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.cases.record import Check, SideStory
from reports.comparing.comparison import NAMES
from reports.comparing.difference import BETTER, WORSE, Difference
from reports.units import UNKNOWN, count_text, size_text, small_size_text
from scenarios.cases.model import CasePromise, Expected

HALF = 0.5


def checks_of(
    promise: CasePromise,
    before: SideStory,
    after: SideStory,
    differences: Sequence[Difference],
) -> tuple[Check, ...]:
    """Each promise with what was found."""
    words = {one.name: one.word for one in differences}
    return (
        *_ended(before, after),
        _serves(words.get("failure_rate"), before, after),
        *_expected("before", promise.before, before),
        *_expected("after", promise.after, after),
        *(
            Check(f"{NAMES[name]} is better", words.get(name, UNKNOWN), words.get(name) == BETTER)
            for name in promise.better
        ),
        *([_outlives(before, after)] if promise.outlives_limit else []),
        *([_held(before, after)] if promise.held_growth_halved else []),
    )


def _ended(before: SideStory, after: SideStory) -> Iterator[Check]:
    for name, side in (("before", before), ("after", after)):
        if side.partial:
            yield Check(f"{name}: the run ends as planned", "it is partial", False)


def _serves(word: str | None, before: SideStory, after: SideStory) -> Check:
    """What saves memory by refusing requests has mended nothing."""
    found = f"{count_text(before.failures)} before, {count_text(after.failures)} after"
    rule = "requests are not shown to fail more often than before"
    return Check(rule, found, word is not None and word != WORSE)


def _expected(name: str, expected: Expected, side: SideStory) -> Iterator[Check]:
    job = side.job.word if side.job else UNKNOWN
    for what, wanted, word in (
        ("memory", expected.memory, side.memory),
        ("the verdict", expected.fit, side.fit),
        ("the job", expected.job, job),
    ):
        if wanted:
            promised = " or ".join(_plain(one) for one in wanted)
            yield Check(f"{name}: {what} is {promised}", _plain(word), word in wanted)
    if expected.no_leak:
        yield Check(f"{name}: no leak is told", _plain(side.memory), side.memory != "leak")
    if expected.recycled:
        yield Check(
            f"{name}: workers are replaced, {expected.recycled} or more",
            f"{side.recycled} replaced, {side.failures} requests failed",
            side.recycled >= expected.recycled,
        )


def _outlives(before: SideStory, after: SideStory) -> Check:
    """The run before did not reach the limit; its leak says with how many requests it would."""
    peak, limit, more = after.figure("peak_bytes"), after.limit_bytes, before.requests_to_limit
    rule = "after: more requests than would have filled the limit before, and a peak below it"
    if peak is None or peak.value is None or limit is None or more is None:
        return Check(rule, UNKNOWN, False)
    needed = before.requests + more
    found = (
        f"{count_text(after.requests)} requests, {count_text(needed)} would have filled it; peak"
        f" {size_text(peak.value)} of {size_text(limit)}"
    )
    return Check(rule, found, after.requests > needed and peak.value < limit)


def _held(before: SideStory, after: SideStory) -> Check:
    """Growth that must be shown before; after, what it is below counts."""
    rule = "what an open connection grows by each second is at most half"
    grows = before.connections.held_bytes_per_second if before.connections else None
    rest = after.connections.held_at_most if after.connections else None
    if grows is None or rest is None:
        return Check(rule, UNKNOWN, False)
    found = f"{small_size_text(grows)} before, at most {small_size_text(rest)} after"
    return Check(rule, found, rest <= HALF * grows)


def _plain(word: str) -> str:
    return word.replace("_", " ")
