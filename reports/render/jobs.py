"""A log of background jobs as HTML, JSON, and text for a terminal."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict
from datetime import UTC, datetime

from reports.jobs.findings import (
    CACHE_FILL,
    CANNOT_TELL,
    LEAK,
    STABLE,
    JobFinding,
    JobFindings,
    JobVerdict,
)
from reports.render.charts.jobs import MOST_JOBS, jobs_chart
from reports.render.gates import printable
from reports.render.page import render_page
from reports.units import count_text, size_text, small_size_text

SCHEMA = 1
WIDTH = 100
WORD_MARKS = {
    LEAK: "▲ leak",
    CACHE_FILL: "cache that fills",
    STABLE: "= stable",
    CANNOT_TELL: "? cannot tell",
}
ENDED = (CACHE_FILL, STABLE)
HEADINGS = (
    "job",
    "runs",
    "memory after",
    "mean delta",
    "growth per run",
    "95 % interval",
    "peak",
    "verdict",
)
LAST = len(HEADINGS) - 1


def job_cells(job: JobFinding) -> tuple[str, ...]:
    """One row of the table, in the order of HEADINGS."""
    return (
        job.job_id,
        count_text(job.runs),
        size_text(job.memory_bytes),
        _signed(job.mean_delta_bytes),
        _growth(job.verdict),
        _interval(job.verdict),
        size_text(job.peak_bytes),
        WORD_MARKS[job.verdict.word],
    )


def job_reason(job: JobFinding) -> str:
    """Why, and what would decide it."""
    reason, decides = job.verdict.reason, job.verdict.would_decide
    return f"{reason}; would decide: {decides}" if decides else reason


def _signed(size_bytes: float | None) -> str:
    if size_bytes is None:
        return "unknown"
    return f"{'+' if size_bytes > 0 else ''}{small_size_text(size_bytes)}"


def _growth(verdict: JobVerdict) -> str:
    return "none shown" if verdict.word in ENDED else _signed(verdict.growth_bytes_per_run)


def _interval(verdict: JobVerdict) -> str:
    """From 0 where none is shown: how much may be there without being seen."""
    interval = verdict.growth_ci95
    if interval is None:
        return "-"
    if verdict.word in ENDED:
        interval = (0.0, verdict.upper_bytes_per_run or 0.0)
    return f"{small_size_text(interval[0])} to {small_size_text(interval[1])}"


def jobs_text(findings: JobFindings) -> str:
    """The text for a terminal, newline at its end."""
    rows = [HEADINGS, *(tuple(map(printable, job_cells(job))) for job in findings.jobs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [*textwrap.wrap(printable(findings.sentence), WIDTH), ""]
    for row in rows:
        cells = (
            cell.ljust(width) if number in (0, LAST) else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    reasons = [f"{job.job_id}: {job_reason(job)}" for job in findings.jobs]
    for told in (reasons, list(findings.caveats)):
        lines += [""] * bool(told)
        for text in told:
            lines += textwrap.wrap(
                printable(text), WIDTH, initial_indent="- ", subsequent_indent="  "
            )
    return "\n".join(lines) + "\n"


def jobs_json(findings: JobFindings, generated: float) -> str:
    """Bytes, seconds; `ended_at` in seconds since the epoch."""
    content = {
        "schema": SCHEMA,
        "generated": datetime.fromtimestamp(generated, UTC).isoformat(timespec="seconds"),
        "source": findings.source,
        "verdict": findings.word,
        "sentence": findings.sentence,
        "jobs": [asdict(job) for job in findings.jobs],
        "caveats": list(findings.caveats),
        "unreadable_lines": list(findings.unreadable),
        "runs": [asdict(run) for run in findings.runs],
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def jobs_html(findings: JobFindings, generated: float) -> str:
    """One offline page with a chart of memory after each run."""
    names = [job.job_id for job in findings.jobs]
    return render_page(
        "jobs.html.j2",
        {"jobs-chart": jobs_chart(findings.runs, names)},
        findings=findings,
        headings=HEADINGS,
        cells=job_cells,
        reason=job_reason,
        generated=generated,
        word_class={LEAK: "worse", CANNOT_TELL: "mixed"}.get(findings.word, "better"),
        row_class={LEAK: "worse", CANNOT_TELL: "cannot_tell"},
        chart_words=f"Memory of the process after each run of {', '.join(names[:MOST_JOBS])}.",
    )
