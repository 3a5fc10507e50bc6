"""Memory against users: what was measured, the curve, and its interval."""

from __future__ import annotations

from typing import Any

from bokeh.models import ColumnDataSource, HoverTool, LayoutDOM
from bokeh.models.annotations import BoxAnnotation

from reports.findings import Scaling
from reports.render.charts.style import COLOURS, INK, new_figure, style_legend
from reports.units import MIB


def users_chart(scaling: Scaling, noun: str = "users") -> LayoutDOM | None:
    """None where no staircase was run. What lies beyond the measured users is shaded grey.

    `noun`: what they are in this run.
    """
    if not scaling.levels or not scaling.curve:
        return None
    plot: Any = new_figure(f"Memory (MiB) against {noun}", 300)
    plot.xaxis.axis_label = noun
    users = [point.users for point in scaling.curve]
    plot.varea(
        users,
        [point.ci95[0] / MIB for point in scaling.curve],
        [point.ci95[1] / MIB for point in scaling.curve],
        fill_color=COLOURS[0],
        fill_alpha=0.12,
        legend_label="95 % interval",
    )
    plot.line(
        users,
        [point.bytes / MIB for point in scaling.curve],
        line_color=COLOURS[0],
        line_dash="dashed",
        legend_label=f"fit: {scaling.model.replace('_', ' ')}",
    )
    source = ColumnDataSource(
        {
            "x": [level.users for level in scaling.levels],
            "y": [level.bytes / MIB for level in scaling.levels],
            "low": [level.low / MIB for level in scaling.levels],
            "high": [level.high / MIB for level in scaling.levels],
        }
    )
    plot.segment("x", "low", "x", "high", source=source, line_color=INK)
    measured = plot.scatter(
        "x", "y", source=source, size=8, fill_color=COLOURS[1], line_color=INK,
        legend_label="measured (range of its stage)",
    )  # fmt: skip
    tips = [(noun, "@x"), ("memory", "@y{0.0} MiB"), ("range", "@low{0.0} to @high{0.0} MiB")]
    plot.add_tools(HoverTool(renderers=[measured], tooltips=tips, visible=False))
    if scaling.measured_users is not None:
        beyond = BoxAnnotation(left=scaling.measured_users[1], fill_color=INK, fill_alpha=0.12)
        plot.add_layout(beyond)
    style_legend(plot)
    chart: LayoutDOM = plot
    return chart
