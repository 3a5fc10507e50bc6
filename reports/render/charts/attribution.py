"""Bars with intervals: what stays of a request to each endpoint, and what one needs for a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, LayoutDOM
from bokeh.models.annotations import Whisker

from reports.attribution.findings import Alone, Attribution, Estimate
from reports.attribution.sentences import estimate_text
from reports.render.charts.style import COLOURS, INK, new_figure, style_legend
from reports.units import MIB

KIB = 1024.0
ROW_HEIGHT = 26
NAME_LENGTH = 40


def attribution_chart(found: Attribution) -> LayoutDOM | None:
    """Endpoints first, the tiers last; None where nothing was seen alone."""
    rows = found.rows
    if not rows:
        return None
    retained = _bars(
        "Kept per request (KiB)", rows, [one.retained for one in rows], KIB, COLOURS[1]
    )
    transient = _bars(
        "While served (MiB)", rows, [one.transient for one in rows], MIB,
        COLOURS[0],
    )  # fmt: skip
    grid: LayoutDOM = gridplot(
        [[retained], [transient]],
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
        merge_tools=True,
    )
    return grid


def _bars(
    title: str, rows: Sequence[Alone], figures: list[Estimate | None], unit: float, colour: str
) -> Any:
    """A bar with its interval; what is within the noise is a line up to what it is below."""
    # One row of text per bar; of two rows with the same name the later is told by its number.
    names = [_name(row, number) for number, row in enumerate(rows)]
    plot: Any = new_figure(
        title,
        90 + ROW_HEIGHT * len(rows),
        from_zero=False,
        y_range=FactorRange(factors=names[::-1]),
    )
    plot.x_range.start = 0
    known = [(n, f) for n, f in zip(names, figures, strict=True) if f and f.value is not None]
    bounded = [(n, f) for n, f in zip(names, figures, strict=True) if f and f.value is None]
    if known:
        source = ColumnDataSource(
            {
                "name": [name for name, _ in known],
                "value": [(one.value or 0.0) / unit for _, one in known],
                "low": [(one.interval or (one.value or 0.0,))[0] / unit for _, one in known],
                "high": [(one.interval or (one.value or 0.0,))[-1] / unit for _, one in known],
                "text": [estimate_text(one) for _, one in known],
            }
        )
        bar = plot.hbar(
            y="name", right="value", height=0.55, source=source, color=colour,
            legend_label="estimate and 95 % interval",
        )  # fmt: skip
        plot.add_layout(
            Whisker(
                base="name", lower="low", upper="high", dimension="width", source=source,
                line_color=INK, line_width=2, level="annotation",
            )
        )  # fmt: skip
        plot.add_tools(HoverTool(renderers=[bar], tooltips="@name: @text", visible=False))
    if bounded:
        source = ColumnDataSource(
            {
                "name": [name for name, _ in bounded],
                "below": [(one.below or 0.0) / unit for _, one in bounded],
                "text": [estimate_text(one) for _, one in bounded],
            }
        )
        line = plot.hbar(
            y="name", right="below", height=0.55, source=source, line_color=INK, fill_alpha=0,
            line_dash="dotted", legend_label="within the noise: below",
        )  # fmt: skip
        plot.add_tools(HoverTool(renderers=[line], tooltips="@name: @text", visible=False))
    plot.ygrid.grid_line_color = None
    style_legend(plot)
    return plot


def _name(row: Alone, number: int) -> str:
    text = row.name
    return text if len(text) <= NAME_LENGTH else f"{text[: NAME_LENGTH - 5]}… {number + 1}"
