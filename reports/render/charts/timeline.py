"""The timeline: memory, users, rate and p95 one above the other, on one x axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource, HoverTool, LayoutDOM
from bokeh.models.annotations import BoxAnnotation, Label, Span

from reports.render.charts.style import (
    COLOURS,
    DASHES,
    INK,
    LIMIT_COLOUR,
    link_crosshair,
    new_figure,
    style_legend,
)
from reports.stacking import Layer
from reports.timeline import Band, Marker, Series, Timeline

MARKER_STYLES = {
    "planned": ("circle", None, "exit, planned"),
    "unplanned": ("circle", LIMIT_COLOUR, "exit, unplanned"),
    "oom": ("x", LIMIT_COLOUR, "killed: out of memory"),
}
"""Shape, fill, and words: hollow, filled, crossed."""

PHASE_NAME = "phase"
"""Tag of a phase's name, with the phase's seconds: the page's script hides those without room."""

HATCHES = ("blank", "right_diagonal_line", "dot", "left_diagonal_line", "horizontal_line")


@dataclass(frozen=True, slots=True)
class TimelineCharts:
    """Two roots of one document: their x axes and crosshair are linked."""

    memory: LayoutDOM
    beside: LayoutDOM


def timeline_charts(timeline: Timeline) -> TimelineCharts:
    """Memory with phases, limits and what happened; and users, rate and p95 on the same x axis."""
    memory = _memory(timeline)
    x_range = memory.x_range
    users = new_figure("Users", 130, x_range)
    rate = new_figure("Requests and failures (1/s)", 190, x_range)
    p95 = new_figure("Response time p95 (ms)", 170, x_range)
    draw_lines(users, (timeline.users,))
    draw_lines(rate, (timeline.rate, timeline.failures))
    draw_lines(p95, (timeline.p95,))
    style_legend(rate)
    for plot in (memory, p95):
        plot.xaxis.axis_label = "seconds since the start of the run"
    beside = (users, rate, p95)
    for plot in beside:
        shade(plot, timeline.bands, named=False)
    link_crosshair((memory, *beside))
    grid = gridplot(
        [[plot] for plot in beside],
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
        merge_tools=True,
    )
    return TimelineCharts(memory, grid)


def _memory(timeline: Timeline, height: int = 380) -> Any:
    plot = new_figure("Memory (MiB)", height)
    _stack(plot, timeline.layers)
    draw_lines(plot, timeline.memory, named=True)
    _limits(plot, timeline)
    _mark(plot, timeline)
    _markers(plot, timeline.markers)
    shade(plot, timeline.bands, named=True)
    style_legend(plot)
    return plot


def _stack(plot: Any, stacked: tuple[Layer, ...]) -> None:
    """Areas that also differ by hatching."""
    for layer, colour, hatch in zip(stacked, COLOURS[1:], HATCHES, strict=False):
        plot.varea(
            "x",
            "low",
            "high",
            source=ColumnDataSource({"x": layer.x, "low": layer.low, "high": layer.high}),
            fill_color=colour,
            fill_alpha=0.25,
            hatch_pattern=hatch,
            hatch_color=colour,
            hatch_alpha=0.5,
            legend_label=layer.name,
        )


def draw_lines(plot: Any, lines: tuple[Series, ...], *, named: bool = False) -> None:
    """Lines that also differ by dash; what they show is told while pointing at them."""
    for line, colour, dash in zip(lines, COLOURS, DASHES, strict=False):
        width = 2.2 if line is lines[0] else 1.2
        drawn = plot.line(
            "x",
            "y",
            source=ColumnDataSource({"x": line.x, "y": line.y}),
            line_color=colour,
            line_dash=dash,
            line_width=width,
            **({"legend_label": line.name} if named or len(lines) > 1 else {}),
        )
        tips = [("at", "@x{0.0} s"), (line.name, "@y{0,0.0}")]
        # The first line is told wherever the pointer is; the others, which lie close, when met.
        mode: Literal["vline", "mouse"] = "vline" if line is lines[0] else "mouse"
        plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips, mode=mode, visible=False))


def shade(plot: Any, bands: tuple[Band, ...], *, named: bool) -> None:
    """The phases as light bands, at most 12 % of their colour."""
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
                    tags=[PHASE_NAME, band.end - band.start],
                    x=band.start,
                    y=0,
                    x_offset=4,
                    y_offset=4,
                    text=band.name,
                    text_color=INK,
                    text_font_size="12px",
                )
            )


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
                y_offset=36 + 16 * (number % 3),
                text=mark.text,
                text_color=INK,
                text_font_size="12px",
            )
        )


def _markers(plot: Any, markers: tuple[Marker, ...]) -> None:
    for kind, (shape, fill, words) in MARKER_STYLES.items():
        found = [marker for marker in markers if marker.kind == kind]
        if not found:
            continue
        drawn = plot.scatter(
            "x",
            "y",
            source=ColumnDataSource(
                {
                    "x": [marker.at for marker in found],
                    "y": [marker.mib for marker in found],
                    "text": [marker.text for marker in found],
                }
            ),
            marker=shape,
            size=10,
            line_color=LIMIT_COLOUR if kind != "planned" else INK,
            line_width=2,
            fill_color=fill,
            legend_label=words,
        )
        tips = [("at", "@x{0.0} s"), ("process", "@text")]
        plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips, visible=False))


def _limits(plot: Any, timeline: Timeline) -> None:
    """Lines of two points rather than Spans: the y range then grows to show them."""
    if not timeline.bands:
        return
    ends = [timeline.bands[0].start, timeline.bands[-1].end]
    for line in timeline.limits:
        plot.line(
            ends,
            [line.mib, line.mib],
            line_color=LIMIT_COLOUR,
            line_dash="dashed" if line.is_limit else "dotted",
            line_width=2 if line.is_limit else 1.2,
            legend_label=line.name,
        )
