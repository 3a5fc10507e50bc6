"""The timeline as Bokeh figures, as JSON for one embed_item call."""

from __future__ import annotations

import json
from typing import Any

from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource, HoverTool, LayoutDOM
from bokeh.models.annotations import BoxAnnotation, Label, Span
from bokeh.models.plots import Plot
from bokeh.plotting import figure

from reports.timeline import Band, Series, Timeline

TARGET_ID = "timeline"
# Mid greys and tones that read on white and on near-black.
INK = "#7a7f87"
COLOURS = ("#2f7ed8", "#c77700", "#8a5cd6", "#17877d")
LIMIT_COLOUR = "#c0392b"
DASHES = ("solid", "dashed", "dotdash", "dotted")


def chart_json(timeline: Timeline) -> str:
    """The charts as JSON text; `<`, `>` and `&` are escaped, safe inside a script element."""
    text = json.dumps(json_item(charts(timeline), ID(TARGET_ID)), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def charts(timeline: Timeline) -> LayoutDOM:
    """Memory, users, rate and p95, one above the other on one x axis (elapsed seconds)."""
    memory = _figure("Memory (MiB)", 360, None)
    _draw(memory, timeline.memory)
    _limit(memory, timeline)
    _mark(memory, timeline)
    _legend_below(memory)
    x_range = memory.x_range
    users, rate = (
        _figure("Users", 130, x_range),
        _figure("Requests and failures (1/s)", 170, x_range),
    )
    p95 = _figure("Response time p95 (ms)", 170, x_range)
    _draw(users, (timeline.users,))
    _draw(rate, (timeline.rate, timeline.failures))
    _draw(p95, (timeline.p95,))
    p95.xaxis.axis_label = "seconds since the start of the run"
    figures = (memory, users, rate, p95)
    for plot in figures:
        _shade(plot, timeline.bands, named=plot is memory)
    return gridplot(
        [[plot] for plot in figures],
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
        merge_tools=True,
    )


def _figure(title: str, height: int, x_range: Any) -> Any:
    plot: Any = figure(
        title=title,
        height=height,
        sizing_mode="stretch_width",
        tools="xpan,xwheel_zoom,box_zoom,reset,save",
        active_drag="box_zoom",
        output_backend="canvas",
        background_fill_alpha=0,
        border_fill_alpha=0,
        outline_line_color=INK,
        min_border_left=70,
        **({} if x_range is None else {"x_range": x_range}),
    )
    plot.toolbar.logo = None
    plot.title.text_color = INK
    for axis in (*plot.xaxis, *plot.yaxis):
        axis.axis_label_text_color = axis.major_label_text_color = INK
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = INK
    plot.xgrid.grid_line_color = plot.ygrid.grid_line_color = INK
    plot.xgrid.grid_line_alpha = plot.ygrid.grid_line_alpha = 0.2
    plot.yaxis.formatter.use_scientific = False
    plot.y_range.start = 0
    return plot


def _draw(plot: Any, lines: tuple[Series, ...]) -> None:
    """Lines that also differ by dash; what they show is told while pointing at them."""
    for line, colour, dash in zip(lines, COLOURS, DASHES, strict=False):
        width = 2.2 if line is lines[0] else 1.2
        source = ColumnDataSource({"x": line.x, "y": line.y})
        drawn = plot.line(
            "x",
            "y",
            source=source,
            line_color=colour,
            line_dash=dash,
            line_width=width,
            legend_label=line.name,
        )
        tips = [("at", "@x{0.0} s"), (line.name, "@y{0,0.0}")]
        plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips, mode="vline", visible=False))
    plot.legend.visible = len(lines) > 1
    plot.legend.location = "top_left"
    plot.legend.orientation = "horizontal"
    plot.legend.background_fill_alpha = 0.0
    plot.legend.border_line_alpha = 0.0
    plot.legend.label_text_color = INK
    plot.legend.click_policy = "hide"


def _shade(plot: Plot, bands: tuple[Band, ...], *, named: bool) -> None:
    for number, band in enumerate(bands):
        plot.add_layout(
            BoxAnnotation(
                left=band.start,
                right=band.end,
                fill_color=COLOURS[number % len(COLOURS)],
                fill_alpha=0.10,
                line_color=INK,
                line_alpha=0.5,
                level="underlay",
            )
        )
        if named:
            plot.add_layout(
                Label(
                    x=band.start,
                    y=0,
                    x_offset=4,
                    y_offset=4,
                    text=band.name,
                    text_color=INK,
                    text_font_size="12px",
                )
            )


def _legend_below(plot: Any) -> None:
    """Two columns below the plot: five names beside each other are cut on a phone."""
    (legend,) = plot.legend
    legend.ncols = 2
    legend.margin = legend.padding = 0
    legend.spacing = 8
    legend.label_text_font_size = "11px"
    legend.label_standoff = 3
    plot.add_layout(legend, "below")


def _mark(plot: Any, timeline: Timeline) -> None:
    end = timeline.bands[-1].end if timeline.bands else 0.0
    for number, mark in enumerate(timeline.marks):
        # Towards the middle, where there is room for the words.
        is_late = mark.at > end / 2
        plot.add_layout(
            Span(location=mark.at, dimension="height", line_color=INK, line_dash="dotted")
        )
        plot.add_layout(
            Label(
                x=mark.at,
                y=0,
                x_offset=-4 if is_late else 4,
                text_align="right" if is_late else "left",
                # Above the phases' names; neighbours one above the other.
                y_offset=22 + 16 * (number % 3),
                text=mark.text,
                text_color=INK,
                text_font_size="12px",
            )
        )


def _limit(plot: Any, timeline: Timeline) -> None:
    """A line of two points rather than a Span: the y range then grows to show it."""
    if timeline.limit_mib is None or not timeline.bands:
        return
    plot.line(
        [timeline.bands[0].start, timeline.bands[-1].end],
        [timeline.limit_mib, timeline.limit_mib],
        line_color=LIMIT_COLOUR,
        line_dash="dashed",
        line_width=2,
        legend_label="limit (MiB)",
    )
    plot.legend.visible = True
