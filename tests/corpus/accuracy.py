"""How often the verdicts are right: confusion, precision, recall, coverage, error of the rate.

A leak that is called anything but a leak is missed. Where its truth says that the run is too short
for its size, `cannot_tell` is right, and so is another word whose stated bound (growth that goes on
is below so many bytes per request) covers the truth; everything else is still a miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.findings import MemoryVerdict
from reports.verdicts.memory import memory_verdict
from reports.verdicts.recovery import recovery
from reports.verdicts.thresholds import Thresholds
from tests.corpus.naive import RULES
from tests.corpus.truth import Case, Truth

VERDICTS = ("leak", "cache_fill", "stable", "poor_recovery", "cannot_tell")
RATE_FROM = 1024.0
"""Bytes per request from which on the leak's rate has to be within RATE_ERROR."""

RATE_ERROR = 0.10


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case: its truth, our verdict, and whether each naive rule calls it a leak."""

    family: str
    name: str
    truth: Truth
    verdict: MemoryVerdict
    naive: dict[str, bool]

    @property
    def rate_error(self) -> float | None:
        """Of the leak's rate, as a fraction; None where there is no single rate, or no leak."""
        leak = self.verdict.leak
        if self.truth.kind != "leak" or not self.truth.rate_known or leak is None:
            return None
        rate = leak.bytes_per_request
        return None if rate is None else rate / self.truth.bytes_per_request - 1

    @property
    def covered(self) -> bool | None:
        """Whether the 95 % interval holds the truth, as far as that is known."""
        leak = self.verdict.leak
        if self.rate_error is None or leak is None or leak.bytes_per_request_ci95 is None:
            return None
        low, high = leak.bytes_per_request_ci95
        truth, known_to = self.truth.bytes_per_request, self.truth.known_to
        return low - known_to <= truth <= high + known_to

    @property
    def right(self) -> bool:
        """The word is the truth's, or the run is too short for it and the word says so."""
        word = self.verdict.verdict
        return word == self.truth.kind or _excused(self)


def judged(case: Case) -> Outcome:
    """What the product says of a case, by the way it says it of a run."""
    thresholds = Thresholds()
    back = recovery(case.trace, thresholds)
    return Outcome(
        case.family,
        case.name,
        case.truth,
        memory_verdict(case.trace, back, (), thresholds),
        {name: rule(case.trace) for name, rule in RULES.items()},
    )


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall of `leak`; recall leaves out leaks that are too small for their run
    where `cannot_tell` was said.
    """

    precision: float | None
    recall: float | None
    called: int
    leaks: int


def score(outcomes: Sequence[Outcome], rule: str | None = None) -> Score:
    """Of our verdicts, or of a naive rule."""
    called = [o for o in outcomes if _calls_a_leak(o, rule)]
    true = [o for o in called if o.truth.kind == "leak"]
    leaks = [o for o in outcomes if o.truth.kind == "leak" and not (rule is None and _excused(o))]
    if rule is not None:
        leaks = [o for o in outcomes if o.truth.kind == "leak" and o.truth.decidable]
    found = [o for o in leaks if _calls_a_leak(o, rule)]
    return Score(
        len(true) / len(called) if called else None,
        len(found) / len(leaks) if leaks else None,
        len(called),
        len(leaks),
    )


def _calls_a_leak(outcome: Outcome, rule: str | None) -> bool:
    return outcome.verdict.verdict == "leak" if rule is None else outcome.naive[rule]


def _excused(outcome: Outcome) -> bool:
    """Too small for its run, and nothing was said that is not so."""
    verdict = outcome.verdict
    if outcome.truth.decidable or verdict.verdict == "leak":
        return False
    bound = verdict.upper_bytes_per_request
    covers = bound is not None and bound >= outcome.truth.bytes_per_request
    return verdict.verdict == "cannot_tell" or covers


def confusion(outcomes: Iterable[Outcome]) -> dict[str, dict[str, int]]:
    """Truth -> verdict -> count; leaks that are too small for their run are a row of their own."""
    rows: dict[str, dict[str, int]] = {}
    for outcome in outcomes:
        truth = (
            outcome.truth.kind if outcome.truth.decidable else f"{outcome.truth.kind}, too small"
        )
        row = rows.setdefault(truth, dict.fromkeys(VERDICTS, 0))
        row[outcome.verdict.verdict] += 1
    return rows
