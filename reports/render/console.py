"""The summary on the console: plain text, aligned, the last two lines say where to look."""

from __future__ import annotations

import textwrap
from pathlib import Path

from reports.findings import EvidenceSize, Findings, PhaseFigures, PlanChoice
from reports.inside.split import split_sentence
from reports.render.gates import gate_mark, gate_sentence
from reports.render.gates import printable as _printable
from reports.sizing.workers import advice_text
from reports.units import (
    count_text,
    milliseconds_text,
    money_text,
    percent,
    plan_size_text,
    rate_text,
    size_text,
)

HEAD = ("phase", "users", "mean", "p95", "peak", "requests", "failed", "rate", "p95 time")
WIDTH = 100
CAVEATS_SHOWN = 8
TARGETS_SHOWN = 8


def console_summary(findings: Findings, run: Path, report: Path) -> str:
    """The text, newline at its end."""
    lines = [
        *textwrap.wrap(_printable(findings.verdict.sentence), WIDTH),
        "",
        *_table([HEAD, *(_phase(phase) for phase in findings.phases)]),
        "",
        *_sizing(findings),
        f"memory       {_memory(findings)}",
        *_attribution(findings),
        *_targets(findings),
        *(_wrapped("connections", one.sentence) if (one := findings.connections) else []),
        *_wrapped("recovery", _recovery(findings)),
        f"confidence   {_confidence(findings)}",
        *_next(findings),
        "",
        *_gates(findings),
        *_caveats(findings.caveats),
        f"run     {run}",
        f"report  {report}",
    ]
    return "\n".join(lines) + "\n"


def _phase(phase: PhaseFigures) -> tuple[str, ...]:
    return (
        _printable(phase.name),
        count_text(phase.users),
        size_text(phase.memory.mean),
        size_text(phase.memory.p95),
        size_text(phase.memory.peak_high),
        count_text(phase.requests),
        count_text(phase.failures),
        rate_text(phase.requests_per_second),
        milliseconds_text(phase.p95_ms),
    )


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if position == 0 else cell.rjust(width)
            for position, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _sizing(findings: Findings) -> list[str]:
    sizing = findings.sizing
    lines = [
        f"minimum      {_need(sizing.minimum_bytes, sizing.minimum_plan)}",
        f"recommended  {_need(sizing.recommended_bytes, sizing.plan)}",
    ]
    if sizing.evidence is not None:
        lines += _wrapped("by evidence", _evidence(sizing.evidence, sizing.difference))
    if sizing.workers is not None:
        lines += _wrapped("gunicorn", advice_text(sizing.workers))
    return lines


def _evidence(evidence: EvidenceSize, difference: str | None) -> str:
    if evidence.bytes is None:
        return f"unknown: {evidence.unknown}"
    terms = " + ".join(f"{term.name} {size_text(term.bytes)}" for term in evidence.terms)
    return f"{size_text(evidence.bytes)} = {terms}. {difference}"


def _wrapped(name: str, text: str) -> list[str]:
    return textwrap.wrap(
        _printable(text), WIDTH, initial_indent=f"{name:13s}", subsequent_indent=" " * 13
    )


def _need(needed: int | None, plan: PlanChoice | None) -> str:
    if needed is None:
        return "unknown"
    if plan is None:
        return f"{size_text(needed)}, no plan of the catalogue holds it"
    return (
        f"{size_text(needed)}, for instance {plan.provider} {plan.name}"
        f" ({plan_size_text(plan.memory_bytes)}, {money_text(plan.usd_month)}, as of {plan.as_of})"
    )


def _memory(findings: Findings) -> str:
    memory = findings.memory
    text = f"{memory.verdict.replace('_', ' ')}: {'; '.join(memory.reasons)}"
    if memory.would_decide:
        text += f"; what would decide it: {memory.would_decide}"
    return ("\n" + " " * 13).join(textwrap.wrap(_printable(text), WIDTH - 13))


def _attribution(findings: Findings) -> list[str]:
    """Each sentence on a line of its own."""
    sentences = findings.attribution.sentences if findings.attribution else ()
    return [
        line
        for number, sentence in enumerate(sentences)
        for line in _wrapped("" if number else "endpoints", sentence)
    ]


def _targets(findings: Findings) -> list[str]:
    """One line each, those that weigh most first."""
    largest = sorted(findings.targets, key=lambda one: -(one.peak_bytes or 0))
    lines = [
        f"{one.name}: peak {size_text(one.peak_bytes)}, {one.fit.replace('_', ' ')},"
        f" {one.memory.replace('_', ' ')}"
        for one in largest[:TARGETS_SHOWN]
    ]
    if len(largest) > TARGETS_SHOWN:
        lines.append(f"{len(largest) - TARGETS_SHOWN} more in the report")
    return [
        f"{'targets' if index == 0 else '':13s}{_printable(line)}"
        for index, line in enumerate(lines)
    ]


def _confidence(findings: Findings) -> str:
    found = findings.verdict.confidence
    text = f"{found.level}: {'; '.join(found.reasons)}"
    if found.would_raise:
        text += f". What would raise it: {found.would_raise}"
    return ("\n" + " " * 13).join(textwrap.wrap(_printable(text), WIDTH - 13))


def _gates(findings: Findings) -> list[str]:
    """The verdict's own gate alone is silent while it is kept: the first line says the same."""
    if len(findings.gates) == 1 and findings.gates[0].passed:
        return []
    kept = sum(gate.passed is True for gate in findings.gates)
    lines = [f"gates        {kept} of {len(findings.gates)} kept"]
    for gate in findings.gates:
        mark = f"  {gate_mark(gate):<15}"
        lines += textwrap.wrap(
            gate_sentence(gate), WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark)
        )
    return [*lines, ""]


def _recovery(findings: Findings) -> str:
    found = findings.recovery
    text = (
        f"growth {size_text(found.growth_bytes)}, released {percent(found.released_fraction)},"
        f" retained {size_text(found.retained_bytes)}"
    )
    split = split_sentence(findings)
    return text if split is None else f"{text}. {split}"


def _next(findings: Findings) -> list[str]:
    """The hint with most at stake, and how many more there are."""
    if not findings.hints:
        return []
    first, more = findings.hints[0], len(findings.hints) - 1
    rest = f" ({more} more in the report)" if more else ""
    return [_printable(f"{'next':13s}{first.title}: {first.command}{rest}")]


def _caveats(caveats: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    for caveat in caveats[:CAVEATS_SHOWN]:
        lines += textwrap.wrap(
            _printable(caveat), WIDTH, initial_indent="- ", subsequent_indent="  "
        )
    if len(caveats) > CAVEATS_SHOWN:
        lines.append(f"- {len(caveats) - CAVEATS_SHOWN} more in the report")
    return [*lines, ""] if lines else []
