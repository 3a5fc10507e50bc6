"""What to do, why, why not otherwise, and how sure: the first screen in words."""

from __future__ import annotations

from dataclasses import dataclass

from reports.findings import Findings, PlanChoice, ProviderChoice
from reports.sizing.evidence import LEAK_TERM, RESERVE_TERM
from reports.sizing.workers import advice_text
from reports.units import money_text, percent, plan_size_text, size_text, small_size_text

TARGETS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence each; None where there is nothing to say."""

    do: str
    why: str
    against: str | None
    confidence: str
    would_raise: str | None


def advice(findings: Findings) -> Advice:
    """From the size by evidence where it is known, else from the rule of twice the peak."""
    sure = findings.verdict.confidence
    return Advice(
        _do(findings),
        _why(findings),
        _against(findings),
        f"{sure.level}: {'; '.join(sure.reasons)}",
        sure.would_raise,
    )


def chosen(findings: Findings) -> ProviderChoice | None:
    """The cheapest plan of all that hold what is needed."""
    return next((choice for choice in findings.sizing.providers if choice.plan), None)


def _do(findings: Findings) -> str:
    needed, choice = findings.sizing.advised_bytes, chosen(findings)
    if needed is None:
        return "Nothing can be advised: no memory was measured under load"
    if findings.targets:
        return f"{_leak_first(findings)} {size_text(needed)} to all together: {_each(findings)}"
    parts = [_leak_first(findings) + f" {size_text(needed)}"]
    if choice is not None and choice.plan is not None:
        parts.append(f"for instance {_plan(choice.plan)}")
    elif findings.sizing.providers:
        parts.append("no plan of the catalogue holds it")
    workers = findings.sizing.workers
    if workers is not None and workers.max_requests:
        parts.append(
            f"{workers.workers} gunicorn worker(s) with --max-requests {workers.max_requests}"
            f" --max-requests-jitter {workers.jitter}"
        )
    elif workers is not None:
        parts.append(f"{workers.workers} gunicorn worker(s)")
    return ", ".join(parts)


def _each(findings: Findings) -> str:
    """Twice each target's peak, largest first: none can use what another one has left."""
    known = [one for one in findings.targets if one.recommended_bytes is not None]
    largest = sorted(known, key=lambda one: -(one.recommended_bytes or 0))
    told = [f"{one.name} {size_text(one.recommended_bytes)}" for one in largest[:TARGETS_SHOWN]]
    more = len(largest) - len(told)
    rest = (
        f", {more} more at most {size_text(largest[len(told)].recommended_bytes)}" if more else ""
    )
    return f"by twice the peak {', '.join(told)}{rest}"


def _leak_first(findings: Findings) -> str:
    """A size holds a leak for a while only: the advice is to mend it, the size comes second."""
    leak = findings.memory.leak
    if leak is None:
        return "Give it"
    text = f"Mend the leak of {small_size_text(leak.bytes_per_request)} with each request"
    evidence = findings.sizing.evidence
    without = None
    if evidence is not None and evidence.bytes is not None:
        leaked = sum(term.bytes for term in evidence.terms if term.name == LEAK_TERM)
        free = sum(term.bytes for term in evidence.terms if term.name == RESERVE_TERM)
        rest = evidence.bytes - leaked - free
        # The reserve is a share of all terms: without the leak it shrinks with them.
        without = rest * evidence.bytes / (evidence.bytes - free) if leaked else None
    if without is not None:
        text += f": without it {size_text(without)} is enough"
    return f"{text}. Until then, to last from one restart to the next, give it"


def _plan(plan: PlanChoice) -> str:
    return (
        f"{plan.provider} {plan.name} ({plan_size_text(plan.memory_bytes)},"
        f" {money_text(plan.usd_month)}, as of {plan.as_of})"
    )


def _why(findings: Findings) -> str:
    sizing = findings.sizing
    evidence = sizing.evidence
    if evidence is not None and evidence.bytes is not None:
        terms = " + ".join(f"{term.name} {size_text(term.bytes)}" for term in evidence.terms)
        text = f"{terms} = {size_text(evidence.bytes)}"
    elif sizing.peak_bytes is not None:
        unknown = evidence.unknown if evidence is not None else None
        text = f"rule: {sizing.rule}, of the peak {size_text(sizing.peak_bytes)}"
        text += f"; a size by evidence is not known: {unknown}" if unknown else ""
    else:
        text = "; ".join(findings.verdict.reasons) or "no figures"
    if sizing.workers is not None:
        text += f". {advice_text(sizing.workers)}"
    return text


def _against(findings: Findings) -> str | None:
    parts = []
    choice = chosen(findings)
    if choice is not None and choice.smaller is not None:
        parts.append(f"{choice.smaller.name}: {choice.why_not}")
    needed, rule = findings.sizing.advised_bytes, findings.sizing.recommended_bytes
    if needed is not None and rule is not None and needed < rule:
        parts.append(
            f"twice the peak ({size_text(rule)}): {percent(rule / needed - 1)} more than is shown"
            " to be needed"
        )
    return "; ".join(parts) or None
