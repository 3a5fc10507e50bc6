"""A comparison as HTML, JSON, Markdown, and text for a terminal."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

from reports.comparing.comparison import NAMES, Comparison
from reports.comparing.difference import BETTER, NOT_JUDGED, SAME, UNKNOWN, WORSE, Difference
from reports.comparing.figures import RunFigures
from reports.comparing.side import Side
from reports.render.charts.both import both_chart
from reports.render.gates import printable
from reports.render.markdown import markdown_text, table
from reports.render.page import render_page
from reports.timeline import timeline
from reports.units import figure_text, percent

SCHEMA = 1
WORD_MARKS = {
    BETTER: "▼ better",
    WORSE: "▲ worse",
    SAME: "= no difference shown",
    UNKNOWN: "?",
    NOT_JUDGED: "(not judged)",
}
WIDTH = 100
Render = Callable[[Comparison, Side, Side, float], str]


def base_text(one: Difference) -> str:
    """The figure before."""
    return figure_text(one.base, one.unit) if one.base is not None else "unknown"


def new_text(one: Difference) -> str:
    """The figure after."""
    return figure_text(one.new, one.unit) if one.new is not None else "unknown"


def change_text(one: Difference) -> str:
    """The difference, in its unit and in percent of the base."""
    if one.difference is None:
        return "unknown"
    sign = "+" if one.difference > 0 else ""
    text = f"{sign}{figure_text(one.difference, one.unit)}"
    if one.relative is None:
        return text
    return f"{text} ({'+' if one.relative > 0 else ''}{percent(one.relative)})"


def interval_text(one: Difference) -> str:
    """The 95 % interval of the difference."""
    if one.ci95 is None:
        return "-"
    return f"{figure_text(one.ci95[0], one.unit)} to {figure_text(one.ci95[1], one.unit)}"


def render_compare_json(comparison: Comparison, base: Side, new: Side, generated: float) -> str:
    """compare.json: bytes, milliseconds, shares, requests per second."""
    content = {
        "schema": SCHEMA,
        "generated": datetime.fromtimestamp(generated, UTC).isoformat(timespec="seconds"),
        "verdict": comparison.word,
        "sentence": comparison.sentence,
        "base": {"label": base.label, "runs": [asdict(run) for run in comparison.base]},
        "new": {"label": new.label, "runs": [asdict(run) for run in comparison.new]},
        "differences": [
            {**asdict(one), "relative": one.relative} for one in comparison.differences
        ],
        "caveats": list(comparison.caveats),
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def render_compare_markdown(
    comparison: Comparison, base: Side, new: Side, _generated: float
) -> str:
    """compare.md: for a pull request's comment."""
    lines = [
        f"### {markdown_text(comparison.sentence)}",
        "",
        f"Before: {markdown_text(base.label)} ({_verdicts(comparison.base)})."
        f" After: {markdown_text(new.label)} ({_verdicts(comparison.new)}).",
        "",
        *table(
            ("figure", "before", "after", "difference", "95 % interval", ""),
            [(NAMES[one.name], *_cells(one)) for one in comparison.differences],
        ),
        "",
        *(f"- {markdown_text(caveat)}" for caveat in comparison.caveats),
    ]
    return "\n".join(lines) + "\n"


def _cells(one: Difference) -> tuple[str, str, str, str, str]:
    return (
        base_text(one),
        new_text(one),
        change_text(one),
        interval_text(one),
        WORD_MARKS[one.word],
    )


def _verdicts(runs: tuple[RunFigures, ...]) -> str:
    found = dict.fromkeys(f"{run.fit}, {run.memory}" for run in runs)
    return markdown_text("; ".join(found).replace("_", " "))


def render_compare_html(comparison: Comparison, base: Side, new: Side, generated: float) -> str:
    """compare.html: one offline page with both timelines on one axis."""
    drawn = [
        (f"{name}: {side.label}", timeline(side.newest, side.findings))
        for name, side in (("before", base), ("after", new))
        if side.newest is not None and side.findings is not None
    ]
    charts = {"compare-chart": both_chart(drawn)} if drawn else {}
    return render_page(
        "compare.html.j2",
        charts,
        comparison=comparison,
        base=base,
        new=new,
        names=NAMES,
        cells=_cells,
        generated=generated,
        word_class={BETTER: "better", WORSE: "worse"}.get(comparison.word, "mixed"),
        row_class={BETTER: "better", WORSE: "worse"},
        chart_words=f"Memory and request rate of {' and '.join(name for name, _ in drawn)}.",
    )


def comparison_text(comparison: Comparison, base: Side, new: Side) -> str:
    """The text for a terminal, newline at its end."""
    rows = [("figure", "before", "after", "difference", "95 % interval", "")]
    rows += [(NAMES[one.name], *_cells(one)) for one in comparison.differences]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        *textwrap.wrap(printable(comparison.sentence), WIDTH),
        f"before  {printable(base.label)}",
        f"after   {printable(new.label)}",
        "",
        *(
            "  ".join(
                cell.ljust(width) if number in (0, 5) else cell.rjust(width)
                for number, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ),
        "",
    ]
    for caveat in comparison.caveats:
        lines += textwrap.wrap(
            printable(caveat), WIDTH, initial_indent="- ", subsequent_indent="  "
        )
    return "\n".join(lines) + "\n"


COMPARE_RENDERERS: tuple[tuple[str, Render], ...] = (
    ("compare.html", render_compare_html),
    ("compare.json", render_compare_json),
    ("compare.md", render_compare_markdown),
)
