"""The shell of every page: one file, a strict policy, our scripts and Bokeh's, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bokeh.models import LayoutDOM
from bokeh.resources import Resources
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import units
from reports.render.charts.embedding import charts_json

TEMPLATES = Path(__file__).with_name("templates")
FILTERS = {
    "size": units.size_text,
    "plan_size": units.plan_size_text,
    "percent": units.percent,
    "count": units.count_text,
    "rate": units.rate_text,
    "ms": units.milliseconds_text,
    "seconds": units.seconds_text,
    "money": units.money_text,
    "small_size": units.small_size_text,
    "duration": units.duration_text,
    "pause": units.pause_text,
}


@dataclass(frozen=True, slots=True)
class Page:
    """What page.html.j2 needs: chart data, inline scripts and their hashes for the policy.

    `connects`: the page may ask the server that it came from (the live page does).
    """

    charts: Markup
    scripts: tuple[Markup, ...]
    hashes: tuple[str, ...]
    connects: bool = False


def render_page(
    template: str,
    charts: Mapping[str, LayoutDOM],
    *,
    scripts: tuple[str, ...] = ("page.js",),
    connects: bool = False,
    **context: Any,
) -> str:
    """The page; all text of the run is escaped, scripts are allowed by their sha256 only.

    `charts`: {element id: chart}; `scripts`: our own, by their names beside the templates.
    """
    own = [_script((TEMPLATES / name).read_text(encoding="utf-8")) for name in scripts]
    whole = (_script(_bokeh()), *own)
    page = Page(
        # charts_json leaves no <, > or & in the text; see there.
        Markup(charts_json(charts)),  # noqa: S704
        whole,
        tuple(map(script_hash, whole)),
        connects,
    )
    return _environment().get_template(template).render(page=page, **context)


@cache
def _bokeh() -> str:
    return "\n".join(Resources(mode="inline", components=["bokeh"]).js_raw)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({**FILTERS, "utc": _utc})
    return environment


def script_hash(script: str) -> str:
    """The source expression of a Content-Security-Policy for an inline script (CSP level 3)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _script(text: str) -> Markup:
    # A parser turns CR LF into LF before the browser hashes the script.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "</script" in text.lower():
        raise ValueError("an inline script must not contain its own end tag")
    return Markup(text)  # noqa: S704  (our own file or Bokeh's, never text of the run)


def _utc(epoch_seconds: float | None) -> str:
    if epoch_seconds is None:
        return units.UNKNOWN
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
