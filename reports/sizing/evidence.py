"""A size whose margin is a sum of named terms, each with its reason.

The known rule doubles a peak. Here the peak is exact, so that what it leaves open is named: what
the figure may miss, how runs differ, users that were not measured, a leak until the next restart,
and the share of the limit that must stay free.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from reports.findings import (
    EvidenceSize,
    MemoryVerdict,
    PhaseFigures,
    Prediction,
    Scaling,
    Term,
    WorkerAdvice,
)
from reports.sizing.wish import Wish
from reports.units import count_text, duration_text, percent, size_text, small_size_text
from reports.verdicts.thresholds import Thresholds

SPREAD_FRACTION = 0.10
"""Of the peak, while one run alone is known: what Kubernetes' VPA and AWS add is 15 to 20 %, for
sampled peaks and all causes together."""

LEAK_TERM = "leak until the restart"
RESERVE_TERM = "reserve"

GAP_FRACTIONS = {"working_set": 0.0, "pss": 0.03, "rss": 0.03}
"""What the limit counts and the measure does not see (kernel pages, page tables). Measured: four
preloaded gunicorn workers, sum of PSS 267 MiB, charged 273 MiB: 2.2 %; four fresh ones 0.5 %."""


def evidence_size(
    phases: tuple[PhaseFigures, ...],
    memory: MemoryVerdict,
    scaling: Scaling,
    wish: Wish,
    thresholds: Thresholds,
    *,
    advice: WorkerAdvice | None = None,
) -> EvidenceSize:
    """The sum of the terms, bytes; `unknown` where a term cannot be known.

    Where `advice` says after how many requests workers are replaced, a leak counts until then.
    """
    measured = max((phase.users or 0 for phase in phases if phase.is_load), default=0)
    users = wish.users or measured
    peaks = [phase.memory.peak_high for phase in phases if phase.memory.peak_high is not None]
    # A process that lives has memory: 0 is no measurement, and nothing is a share of it.
    if not max(peaks, default=0):
        return EvidenceSize(None, users, unknown="no memory was measured under load")
    if memory.verdict == "cannot_tell":
        why = f"whether memory goes on growing is not known ({memory.reasons[0]})"
        return EvidenceSize(None, users, unknown=why)
    terms = [Term("peak", max(peaks), f"highest phase peak, upper end, at {measured} users")]
    more = _more_users(scaling, users, measured)
    if isinstance(more, str):
        return EvidenceSize(None, users, tuple(terms), unknown=more)
    terms += [*more, *_gap(phases, max(peaks)), _spread(max(peaks), wish)]
    terms += _leak(memory, wish, advice)
    sum_of_terms = sum(term.bytes for term in terms)
    free = round(sum_of_terms / thresholds.usage_critical) - sum_of_terms
    why = f"so that usage stays under {percent(thresholds.usage_critical)} of the limit"
    terms.append(Term(RESERVE_TERM, free, why))
    return EvidenceSize(sum_of_terms + free, users, tuple(terms))


def explained(evidence: EvidenceSize, peak: int, recommended: int) -> str:
    """Why the evidence and the known rule differ, in one sentence."""
    if evidence.bytes is None:
        return f"No evidence-based size: {evidence.unknown}. The known rule knows no such doubt."
    margin, change = evidence.bytes / peak - 1, evidence.bytes - recommended
    terms = [term for term in evidence.terms if term.name != "peak" and term.bytes]
    largest = max(terms, key=lambda term: term.bytes, default=None)
    ground = f", most of it {largest.name} ({size_text(largest.bytes)})" if largest else ""
    word = "less" if change < 0 else "more"
    if largest is not None and largest.name == LEAK_TERM:
        return (
            f"{size_text(abs(change))} {word} than the rule of twice the peak, which knows no leak:"
            f" {size_text(largest.bytes)} are for it. Mend the leak, or restart more often."
        )
    return (
        f"{size_text(abs(change))} {word} than the rule of twice the peak: the margin is"
        f" {percent(margin)} of the peak{ground}."
    )


def _more_users(scaling: Scaling, users: int, measured: int) -> list[Term] | str:
    """What users beyond the measured ones need; a text where that is not known."""
    if users <= measured:
        return []
    ask = f"run it with USERS={users}, or PLAN=staircase to learn how memory goes with users"
    if scaling.model == "cannot_tell" or not scaling.predictions:
        return f"{count_text(users)} users were not measured, {count_text(measured)} were; {ask}"
    points = sorted(scaling.predictions, key=lambda one: one.users)
    if users > points[-1].users:
        return f"{count_text(users)} users are more than three times those measured; {ask}"
    at = [one.users for one in points]
    here = _prediction_at(points, measured)
    upper = float(np.interp(users, at, [one.ci95[1] for one in points]))
    centre = float(np.interp(users, at, [one.bytes for one in points]))
    return [
        Term("more users", max(0, round(centre - here)), f"{scaling.model} from {measured} users"),
        Term("extrapolation", max(0, round(upper - centre)), "upper end of the 95 % interval"),
    ]


def _prediction_at(points: list[Prediction], users: int) -> float:
    return float(np.interp(users, [one.users for one in points], [one.bytes for one in points]))


def _gap(phases: tuple[PhaseFigures, ...], peak: int) -> list[Term]:
    measures = {phase.memory.measure for phase in phases if phase.memory.measure}
    fraction = max((GAP_FRACTIONS.get(measure, 0.03) for measure in measures), default=0.03)
    if not fraction:
        return []
    why = f"{percent(fraction)}: kernel pages that the limit counts and this figure does not see"
    return [Term("gap of the figure", round(fraction * peak), why)]


def _spread(peak: int, wish: Wish) -> Term:
    """One run: a tenth. More: the upper end of the next run's peak (95 % prediction interval)."""
    if len(wish.peaks) < 2:
        # Also once it is verified: a smaller size than the one that was proven would be unproven.
        why = f"one run: {percent(SPREAD_FRACTION)}"
        return Term("spread between runs", round(SPREAD_FRACTION * peak), why)
    values = np.array(wish.peaks, dtype=float)
    reach = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) * np.sqrt(1 + 1 / len(values))
    upper = max(float(values.mean() + reach), float(values.max()))
    why = f"upper end for the next run, from {len(values)} runs (95 % prediction interval)"
    return Term("spread between runs", round(upper - float(values.max())), why)


def _leak(memory: MemoryVerdict, wish: Wish, advice: WorkerAdvice | None) -> list[Term]:
    leak = memory.leak
    if leak is None or leak.bytes_per_request_ci95 is None or not leak.bytes_per_hour:
        return []
    if advice is not None and advice.max_requests and advice.jitter:
        requests = (advice.max_requests + advice.jitter) * advice.workers
        why = f"upper end, until each of {advice.workers} workers is replaced (--max-requests)"
        return [Term(LEAK_TERM, round(leak.bytes_per_request_ci95[1] * requests), why)]
    # Requests per hour, at the upper end of the leak's interval.
    upper = leak.bytes_per_request_ci95[1]
    per_hour = upper * leak.bytes_per_hour / (leak.bytes_per_request or upper)
    why = (
        f"up to {small_size_text(upper)} with each request until a restart after"
        f" {duration_text(wish.restart_seconds)}"
    )
    return [Term(LEAK_TERM, round(per_hour * wish.restart_seconds / 3600), why)]
