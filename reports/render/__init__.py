"""Renderers: one file each, and one entry in this list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reports.aligning import AlignedRun
from reports.findings import Findings
from reports.render.html import render_html
from reports.render.json import render_json
from reports.render.junit import render_junit
from reports.render.markdown import render_markdown


@dataclass(frozen=True, slots=True)
class Renderer:
    """What writes one file of the report: its RunDirectory property, and the function."""

    output: str
    render: Callable[[AlignedRun, Findings], str]


RENDERERS: tuple[Renderer, ...] = (
    Renderer("report_json", render_json),
    Renderer("report_html", render_html),
    Renderer("junit_xml", render_junit),
    Renderer("summary_md", render_markdown),
)
