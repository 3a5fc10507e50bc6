"""What a benchmark found, and the file it is written to: one section per benchmark."""

from __future__ import annotations

import os
import platform
import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """\
# Benchmark results

Written by `python -m benchmarks --write`; a run replaces the sections of what it ran. Every ratio
stands beside both of its sides, measured in the same run.
"""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the project promises, with the figure found; `held` None: this run cannot tell."""

    text: str
    held: bool | None

    @property
    def line(self) -> str:
        """One line for people."""
        return f"{ {True: 'holds', False: 'BROKEN', None: 'cannot tell'}[self.held] }: {self.text}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One benchmark's table with its promises, and notes that a reader needs to judge it."""

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    promises: tuple[Promise, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether any promise does not hold."""
        return any(promise.held is False for promise in self.promises)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how a benchmark ran; `load` is the machine's load average before it."""

    command: str
    date: str
    load: float

    @staticmethod
    def now(words: list[str]) -> Setting:
        """The setting of what starts now."""
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        command = shlex.join(["python", "-m", "benchmarks", *words])
        return Setting(command, moment, os.getloadavg()[0])

    @property
    def line(self) -> str:
        """One line for the file."""
        kernel, python = platform.release().split("-")[0], platform.python_version()
        return (
            f"{self.date}, kernel {kernel}, {os.cpu_count()} CPUs, Python {python}, "
            f"load {self.load:.1f} before. Again with: `{self.command}`"
        )


def text_of(outcome: Outcome) -> str:
    """The outcome for a terminal: columns in line."""
    table = [outcome.columns, *outcome.rows] if outcome.rows else []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    lines += [f"  {promise.line}" for promise in outcome.promises]
    return "\n".join([outcome.title, *lines, *(f"  {note}" for note in outcome.notes)])


def section_of(name: str, outcome: Outcome, setting: Setting) -> str:
    """The outcome as a section in Markdown."""
    lines = [f"## {name}", "", f"{outcome.title}.", "", setting.line, ""]
    if outcome.rows:
        rule = tuple("---" for _ in outcome.columns)
        table = (outcome.columns, rule, *outcome.rows)
        lines += [*(f"| {' | '.join(row)} |" for row in table), ""]
    lines += [f"- {promise.line}" for promise in outcome.promises]
    lines += [f"- {note}" for note in outcome.notes]
    return "\n".join(lines) + "\n"


def replace_sections(before: str, sections: dict[str, str], order: tuple[str, ...]) -> str:
    """The file's text with these sections renewed, all in the given order."""
    kept = {part.split("\n", 1)[0]: f"## {part}" for part in re.split(r"(?m)^## ", before)[1:]}
    merged = {**kept, **sections}
    return "\n".join([HEAD, *(merged[name].rstrip() + "\n" for name in order if name in merged)])


def write(sections: dict[str, str], order: tuple[str, ...]) -> None:
    """Renew these sections of the results file."""
    before = RESULTS.read_text() if RESULTS.exists() else ""
    RESULTS.write_text(replace_sections(before, sections, order))
