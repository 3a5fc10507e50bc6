"""The memory of two runs on one axis, and their request rates below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bokeh.layouts import gridplot
from bokeh.models import LayoutDOM

from reports.render.charts.style import link_crosshair, new_figure, style_legend
from reports.render.charts.timeline import draw_lines, shade
from reports.timeline import Timeline


def both_chart(sides: Sequence[tuple[str, Timeline]]) -> LayoutDOM:
    """`sides`: (name, timeline); seconds count from each run's own start. Bands are the first's."""
    memory = new_figure("Memory (MiB)", 340)
    rate = new_figure("Requests (1/s)", 170, memory.x_range)
    draw_lines(
        memory, tuple(replace(line.memory[0], name=name) for name, line in sides), named=True
    )
    draw_lines(rate, tuple(replace(line.rate, name=name) for name, line in sides))
    for plot in (memory, rate):
        shade(plot, sides[0][1].bands, named=plot is memory)
        style_legend(plot)
    rate.xaxis.axis_label = "seconds since the start of each run"
    link_crosshair((memory, rate))
    grid: LayoutDOM = gridplot(
        [[memory], [rate]],
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
        merge_tools=True,
    )
    return grid
