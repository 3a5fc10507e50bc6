"""The live page: the report's shell and look, filled by a script that asks once a second."""

from __future__ import annotations

from reports.render.charts.live import live_charts
from reports.render.charts.style import COLOURS
from reports.render.page import render_page


def render_live_page() -> str:
    """The page; it asks `memory/data` beside its own address, and nothing else."""
    return render_page(
        "live.html.j2",
        {"live-chart": live_charts()},
        scripts=("page.js", "live.js"),
        connects=True,
        colours=COLOURS,
    )
