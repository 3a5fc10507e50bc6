"""Gates in words: the same text on the console, in the page, in junit.xml and in summary.md."""

from __future__ import annotations

from reports.findings import Gate
from reports.units import figure_text

MARKS = {True: "✓ PASS", False: "✗ FAIL", None: "? CANNOT TELL"}
AT_LEAST = ("recovery_min",)


def gate_mark(gate: Gate) -> str:
    """Symbol and word."""
    return MARKS[gate.passed]


def limit_text(gate: Gate) -> str:
    """What the rule asks."""
    if isinstance(gate.limit, str):
        return gate.limit
    sign = "at least" if gate.rule in AT_LEAST else "at most"
    return f"{sign} {figure_text(gate.limit, gate.unit)}"


def actual_text(gate: Gate) -> str:
    """What the run showed."""
    if isinstance(gate.actual, str):
        return gate.actual
    return "unknown" if gate.actual is None else figure_text(gate.actual, gate.unit)


def gate_sentence(gate: Gate) -> str:
    """One line: rule, actual value, limit, phase, and the note."""
    text = f"{gate.rule}: {actual_text(gate)}; asked: {limit_text(gate)}"
    text += f" (phase: {gate.phase})" if gate.phase else ""
    return printable(f"{text}; {gate.note}" if gate.note else text)


def printable(text: str) -> str:
    """Without control characters: a terminal would obey them, and XML forbids them."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
