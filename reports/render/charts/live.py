"""The charts of the live page: empty, with named sources that its script fills every second."""

from __future__ import annotations

from typing import Any

from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource, HoverTool, LayoutDOM

from reports.render.charts.style import (
    COLOURS,
    DASHES,
    INK,
    LIMIT_COLOUR,
    link_crosshair,
    new_figure,
    style_legend,
)

HEIGHTS = {"memory": 320, "users": 130, "rate": 170}


def live_charts() -> LayoutDOM:
    """Memory (whole target and processes), users, and request rate on one time axis.

    Sources by name: `load` (at, users, rate, failures), `memory` (at, memory, peak, heap; MiB),
    `processes` (xs, ys in MiB, name, colour), `limit` (at, mib), `phases` (left, right, name,
    colour).
    """
    memory = new_figure("Memory (MiB)", HEIGHTS["memory"])
    users = new_figure("Users", HEIGHTS["users"], memory.x_range)
    rate = new_figure("Requests and failures (1/s)", HEIGHTS["rate"], memory.x_range)
    phases = _source("phases", "left", "right", "name", "colour", "height")
    for plot in (memory, users, rate):
        plot.vstrip(
            x0="left", x1="right", source=phases, fill_color="colour", fill_alpha=0.1,
            line_color=INK, line_alpha=0.5, level="underlay",
        )  # fmt: skip
    memory.text(
        "left", "height", text="name", source=phases, text_color=INK, text_font_size="12px",
        x_offset=4, y_offset=-4,
    )  # fmt: skip
    _memory_lines(memory)
    load = _source("load", "at", "users", "rate", "failures")
    users.line("at", "users", source=load, line_color=COLOURS[0], line_width=2)
    for number, (column, name) in enumerate((("rate", "requests/s"), ("failures", "failures/s"))):
        rate.line(
            "at", column, source=load, line_color=COLOURS[number], line_dash=DASHES[number],
            line_width=2, legend_label=name,
        )  # fmt: skip
    style_legend(rate)
    rate.xaxis.axis_label = "seconds since the start of the run"
    link_crosshair((memory, users, rate))
    grid: LayoutDOM = gridplot(
        [[memory], [users], [rate]],
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
        merge_tools=True,
    )
    return grid


def _memory_lines(plot: Any) -> None:
    whole = _source("memory", "at", "memory", "peak", "heap")
    drawn = plot.line(
        "at", "memory", source=whole, line_color=COLOURS[0], line_width=2.2,
        legend_label="target (what the limit counts)",
    )  # fmt: skip
    plot.line(
        "at", "peak", source=whole, line_color=COLOURS[1], line_dash=DASHES[1], line_width=1.2,
        legend_label="exact peak of each second",
    )  # fmt: skip
    plot.line(
        "at", "heap", source=whole, line_color=COLOURS[2], line_dash=DASHES[2], line_width=1.6,
        legend_label="V8 heap in use (Node)",
    )  # fmt: skip
    each = plot.multi_line(
        "xs", "ys", source=_source("processes", "xs", "ys", "name", "colour"),
        line_color="colour", line_width=1.2, line_dash="dotted", legend_label="RSS of each process",
    )  # fmt: skip
    plot.line(
        "at", "mib", source=_source("limit", "at", "mib"), line_color=LIMIT_COLOUR,
        line_dash="dashed", line_width=2, legend_label="limit",
    )  # fmt: skip
    tips = [("at", "@at{0.0} s"), ("memory", "@memory{0,0.0} MiB"), ("peak", "@peak{0,0.0} MiB")]
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips, mode="vline", visible=False))
    plot.add_tools(HoverTool(renderers=[each], tooltips=[("process", "@name")], visible=False))
    style_legend(plot)


def _source(name: str, *columns: str) -> ColumnDataSource:
    return ColumnDataSource({column: [] for column in columns}, name=name)
