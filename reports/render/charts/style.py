"""The look that all charts share: it reads on white, on near-black and on paper."""

from __future__ import annotations

from typing import Any

from bokeh.models import CrosshairTool
from bokeh.models.annotations import Span
from bokeh.plotting import figure

# Mid greys and tones that read on white and on near-black.
INK = "#7a7f87"
COLOURS = ("#2f7ed8", "#c77700", "#8a5cd6", "#17877d", "#b5487e", "#5b8c1f")
LIMIT_COLOUR = "#c0392b"
DASHES = ("solid", "dashed", "dotdash", "dotted", "dashdot", "solid")


def new_figure(
    title: str,
    height: int,
    x_range: Any = None,
    *,
    from_zero: bool = True,
    y_range: Any = None,
) -> Any:
    """An empty figure as wide as the page, with zoom and pan along x."""
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
        **({} if y_range is None else {"y_range": y_range}),
    )
    plot.toolbar.logo = None
    plot.title.text_color = INK
    for axis in (*plot.xaxis, *plot.yaxis):
        axis.axis_label_text_color = axis.major_label_text_color = INK
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = INK
    plot.xgrid.grid_line_color = plot.ygrid.grid_line_color = INK
    plot.xgrid.grid_line_alpha = plot.ygrid.grid_line_alpha = 0.2
    if y_range is None:
        plot.yaxis.formatter.use_scientific = False
    if from_zero:
        plot.y_range.start = 0
    return plot


def style_legend(plot: Any) -> None:
    """A click hides a line; two columns below the plot: names beside each other are cut on a phone.

    Called once everything with a legend label is drawn.
    """
    if not plot.legend:
        return
    (legend,) = plot.legend
    legend.click_policy = "hide"
    legend.background_fill_alpha = 0.0
    legend.border_line_alpha = 0.0
    legend.label_text_color = INK
    legend.inactive_fill_alpha = 0.0
    legend.ncols = 2
    legend.margin = legend.padding = 0
    legend.spacing = 8
    legend.label_text_font_size = "11px"
    legend.label_standoff = 3
    plot.add_layout(legend, "below")


def link_crosshair(plots: tuple[Any, ...]) -> None:
    """One upright line through all plots at the pointer's x."""
    upright = Span(dimension="height", line_color=INK, line_dash="dotted", line_width=1)
    for plot in plots:
        plot.add_tools(CrosshairTool(overlay=upright, dimensions="height"))
