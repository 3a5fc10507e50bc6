"""The memory of the process after each run, one line per job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bokeh.models import ColumnDataSource, HoverTool, LayoutDOM

from reports.jobs.job_run import JobRun
from reports.render.charts.style import COLOURS, DASHES, new_figure, style_legend
from reports.units import MIB

MOST_JOBS = 12
"""More lines than these tell nothing."""

MOST_RUNS = 2_000
"""Drawn per job: every so many-th of more."""


def jobs_chart(runs: Sequence[JobRun], job_ids: Sequence[str]) -> LayoutDOM:
    """`job_ids`: in the order in which they are drawn; x is the line's place among all runs."""
    plot: Any = new_figure("Memory after each run (MiB)", 340)
    plot.xaxis.axis_label = "runs of all jobs, in the log's order"
    drawn = []
    for number, job_id in enumerate(job_ids[:MOST_JOBS]):
        of_job = [(place, run) for place, run in enumerate(runs, 1) if run.job_id == job_id]
        source = ColumnDataSource(_columns(of_job[:: 1 + len(of_job) // MOST_RUNS]))
        look = {"color": COLOURS[number % len(COLOURS)], "legend_label": job_id}
        dash = DASHES[number // len(COLOURS) % len(DASHES)]
        plot.line("x", "y", source=source, line_dash=dash, **look)
        drawn.append(plot.scatter("x", "y", source=source, size=5, **look))
    tips = [("job", "@job"), ("run", "@x"), ("memory", "@y{0.0} MiB"), ("delta", "@delta")]
    plot.add_tools(HoverTool(renderers=drawn, tooltips=tips, visible=False))
    style_legend(plot)
    chart: LayoutDOM = plot
    return chart


def _columns(of_job: Sequence[tuple[int, JobRun]]) -> dict[str, Any]:
    deltas = [run.delta_bytes for _, run in of_job]
    return {
        "x": [place for place, _ in of_job],
        "y": [run.memory_bytes / MIB for _, run in of_job],
        "job": [run.job_id for _, run in of_job],
        "delta": ["" if d is None else f"{d / MIB:+,.3f} MiB" for d in deltas],
    }
