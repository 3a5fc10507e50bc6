"""Memory against requests: the samples, and the rate that the verdict drew through them."""

from __future__ import annotations

from typing import Any

from bokeh.models import LayoutDOM, NumeralTickFormatter

from reports.growth_line import GrowthLine
from reports.render.charts.style import COLOURS, new_figure, style_legend


def growth_chart(line: GrowthLine, words: str) -> LayoutDOM:
    """`words` names the line in the legend."""
    # From 0 a leak of a few MiB would be a flat line.
    plot: Any = new_figure("Memory (MiB) against requests", 260, from_zero=False)
    plot.xaxis.axis_label = "requests since the start of the run"
    plot.xaxis.formatter = NumeralTickFormatter(format="0.[00]a")
    plot.line(line.x, line.y, line_color=COLOURS[0], line_width=1, legend_label="memory")
    if len(line.line_x):
        plot.varea(
            line.line_x, line.low_y, line.high_y, fill_color=COLOURS[1], fill_alpha=0.15,
            legend_label="95 % interval",
        )  # fmt: skip
        plot.line(
            line.line_x, line.line_y, line_color=COLOURS[1], line_dash="dashed", line_width=2,
            legend_label=words,
        )  # fmt: skip
    style_legend(plot)
    chart: LayoutDOM = plot
    return chart
