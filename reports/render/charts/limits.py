"""Limit against p95 and memory stalls: where it dies, and where it begins to suffer."""

from __future__ import annotations

from typing import Any

from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource, HoverTool, LayoutDOM

from reports.findings import LimitCurve, LimitStep
from reports.render.charts.style import COLOURS, INK, LIMIT_COLOUR, new_figure, style_legend
from reports.units import MIB


def limits_chart(curve: LimitCurve) -> LayoutDOM | None:
    """None where no step ran under a limit. Crosses: not survived, drawn at 0."""
    steps = [step for step in curve.steps if step.limit_bytes is not None]
    if not steps:
        return None
    p95 = new_figure("p95 (ms) against the limit", 220)
    stalls = new_figure("Waits for memory (% of the load's time)", 160, p95.x_range)
    stalls.xaxis.axis_label = "limit (MiB)"
    _draw(p95, steps, [step.p95_ms for step in steps])
    _draw(stalls, steps, [_percent(step) for step in steps])
    for plot in (p95, stalls):
        style_legend(plot)
    grid: LayoutDOM = gridplot(
        [[p95], [stalls]],
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
        merge_tools=True,
    )
    return grid


def _percent(step: LimitStep) -> float | None:
    return None if step.pressure_some is None else 100 * step.pressure_some


def _draw(plot: Any, steps: list[LimitStep], values: list[float | None]) -> None:
    for survived, marker, colour, words in (
        (True, "circle", COLOURS[0], "survived"),
        (False, "x", LIMIT_COLOUR, "not survived"),
    ):
        chosen = [
            (step, value)
            for step, value in zip(steps, values, strict=True)
            if step.survived is survived
        ]
        if not chosen:
            continue
        source = ColumnDataSource(
            {
                "x": [(step.limit_bytes or 0) / MIB for step, _ in chosen],
                "y": [(value or 0.0) if survived else 0.0 for _, value in chosen],
                "text": ["; ".join(step.happenings) or words for step, _ in chosen],
            }
        )
        drawn = plot.scatter(
            "x", "y", source=source, marker=marker, size=10, line_color=colour if survived else
            LIMIT_COLOUR, fill_color=colour, line_width=2, legend_label=words,
        )  # fmt: skip
        tips = [("limit", "@x{0.0} MiB"), ("value", "@y{0.0}"), ("what", "@text")]
        plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips, visible=False))
    plot.xgrid.grid_line_color = INK
