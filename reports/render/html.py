"""report.html: one file that needs no network and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

from bokeh.resources import Resources
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import units
from reports.aligning import AlignedRun
from reports.findings import EndpointFigures, Findings
from reports.render.charts import TARGET_ID, chart_json
from reports.sizing import PLAN_RULE
from reports.sizing.workers import advice_text
from reports.timeline import MEASURE_NAMES, timeline

TEMPLATES = Path(__file__).with_name("templates")
ROWS_SHOWN = 200
MEMORY_WORDS = {
    "leak": "✗ leak",
    "cache_fill": "✓ fills up and stops",
    "stable": "✓ stable",
    "poor_recovery": "! keeps what the load needed",
    "cannot_tell": "? cannot tell",
}
STATUS = {
    "fits": "✓ fits",
    "fits_with_recycling": "✓ fits with recycling",
    "tight": "! tight",
    "fails": "✗ fails",
    "cannot_tell": "? cannot tell",
}
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
}


def render_html(run: AlignedRun, findings: Findings) -> str:
    """The page; all text of the run is escaped, scripts are allowed by their sha256 only."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({**FILTERS, "utc": _utc})
    library = _script("\n".join(Resources(mode="inline", components=["bokeh"]).js_raw))
    starter = _script((TEMPLATES / "start.js").read_text(encoding="utf-8"))
    shown, other = endpoints_shown(findings.endpoints)
    return environment.get_template("report.html.j2").render(
        findings=findings,
        status=STATUS[findings.verdict.fit],
        memory_word=MEMORY_WORDS[findings.memory.verdict],
        advice_text=advice_text,
        plan_rule=PLAN_RULE,
        measure_names=MEASURE_NAMES,
        endpoints=shown,
        other=other,
        processes=findings.processes[:ROWS_SHOWN],
        processes_hidden=len(findings.processes[ROWS_SHOWN:]),
        # chart_json leaves no <, > or & in the text; see there.
        chart=Markup(chart_json(timeline(run, findings.limit_bytes))),  # noqa: S704
        target_id=TARGET_ID,
        scripts=(library, starter),
        hashes=(script_hash(library), script_hash(starter)),
    )


def script_hash(script: str) -> str:
    """The source expression of a Content-Security-Policy for an inline script (CSP level 3)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def endpoints_shown(
    endpoints: tuple[EndpointFigures, ...],
) -> tuple[tuple[EndpointFigures, ...], EndpointFigures | None]:
    """The 200 most requested in table order, and the sum of the others, None without any."""
    if len(endpoints) <= ROWS_SHOWN:
        return endpoints, None
    top = set(sorted(range(len(endpoints)), key=lambda i: -endpoints[i].requests)[:ROWS_SHOWN])
    rest = [row for i, row in enumerate(endpoints) if i not in top]
    other = EndpointFigures(
        method="",
        name=f"other ({len(rest)} endpoints)",
        tier=None,
        requests=sum(row.requests for row in rest),
        failures=sum(row.failures for row in rest),
        p50_ms=None,
        p95_ms=None,
        p99_ms=None,
    )
    return tuple(row for i, row in enumerate(endpoints) if i in top), other


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
