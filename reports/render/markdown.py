"""summary.md: the answer, the gates and the phases, for a pull request's comment."""

from __future__ import annotations

import re

from reports.advice import advice
from reports.aligning import AlignedRun
from reports.findings import Findings
from reports.hints.hint import SHOWN as HINTS_SHOWN
from reports.render.gates import actual_text, gate_mark, limit_text, printable
from reports.units import count_text, milliseconds_text, rate_text, size_text

SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$@!&])")


def markdown_text(text: str) -> str:
    """Text of the run as plain words: no markup, no HTML, no mention of an account."""
    return SPECIAL.sub(r"\\\1", printable(text)).replace("\\@", "@\u2060")


def code_span(text: str) -> str:
    """To be copied as it stands: the fence is longer than any backticks inside."""
    text = printable(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """A table whose cells are escaped."""
    lines = [head, tuple("---" for _ in head)]
    return [
        *(f"| {' | '.join(line)} |" for line in lines),
        *(f"| {' | '.join(map(markdown_text, row))} |" for row in rows),
    ]


def _attribution(findings: Findings) -> list[str]:
    if findings.attribution is None:
        return []
    told = (f"- {markdown_text(sentence)}" for sentence in findings.attribution.sentences)
    return ["#### Which endpoint costs it", "", *told, ""]


def render_markdown(_run: AlignedRun, findings: Findings) -> str:
    """The text, newline at its end."""
    found = advice(findings)
    kept = sum(gate.passed is True for gate in findings.gates)
    lines = [
        f"### {markdown_text(findings.verdict.sentence)}",
        "",
        f"**Do this:** {markdown_text(found.do)}.",
        "",
        f"**Why:** {markdown_text(found.why)}.",
        *(["", f"**Not:** {markdown_text(found.against)}."] if found.against else []),
        "",
        f"**Confidence** {markdown_text(found.confidence)}."
        + (
            f" What would raise it: {markdown_text(found.would_raise)}."
            if found.would_raise
            else ""
        ),
        *_hints(findings),
        "",
        *_attribution(findings),
        *([markdown_text(one.sentence), ""] if (one := findings.connections) else []),
        f"#### Gates: {kept} of {len(findings.gates)} kept",
        "",
        *table(
            ("", "rule", "measured", "limit", "note"),
            [
                (gate_mark(g), g.rule, actual_text(g), limit_text(g), g.note or "")
                for g in findings.gates
            ],
        ),
        "",
        "#### Phases",
        "",
        *table(
            ("phase", "users", "memory mean", "peak", "requests", "failed", "rate", "p95"),
            [
                (
                    phase.name,
                    count_text(phase.users),
                    size_text(phase.memory.mean),
                    size_text(phase.memory.peak_high),
                    count_text(phase.requests),
                    count_text(phase.failures),
                    rate_text(phase.requests_per_second),
                    milliseconds_text(phase.p95_ms),
                )
                for phase in findings.phases
            ],
        ),
        "",
        f"Run {markdown_text(findings.run.directory)}; the whole report is report.html in it.",
    ]
    return "\n".join(lines) + "\n"


def _hints(findings: Findings) -> list[str]:
    hints, more = findings.hints[:HINTS_SHOWN], len(findings.hints[HINTS_SHOWN:])
    if not hints:
        return []
    lines = [
        f"1. {markdown_text(hint.title)}: {markdown_text(hint.evidence)}."
        f" {markdown_text(hint.step)}: {code_span(hint.command)}"
        for hint in hints
    ]
    rest = ["", f"{more} more in report.json."] if more else []
    return ["", "#### What to look at next", "", *lines, *rest]
