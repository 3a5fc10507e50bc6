"""report.html: one file that needs no network and runs no script but its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bokeh.models import LayoutDOM

from reports.advice import advice, chosen
from reports.aligning import AlignedRun
from reports.attribution.sentences import estimate_text
from reports.attribution.wording import kept_text
from reports.findings import EndpointFigures, Findings
from reports.growth_line import growth_line
from reports.hints.hint import SHOWN as HINTS_SHOWN
from reports.inside.split import split_sentence
from reports.proving.under_limit import pressure_words
from reports.raw_files import raw_files
from reports.render.charts.attribution import attribution_chart
from reports.render.charts.growth import growth_chart
from reports.render.charts.limits import limits_chart
from reports.render.charts.timeline import timeline_charts
from reports.render.charts.users import users_chart
from reports.render.gates import actual_text, gate_mark, limit_text
from reports.render.page import render_page
from reports.render.recovery_bar import recovery_bar
from reports.sentence import growth_words
from reports.sizing import PLAN_RULE
from reports.sizing.workers import advice_text
from reports.targets.unevenness import uneven
from reports.tiles import tiles
from reports.timeline import MEASURE_NAMES, Timeline, memory_words, timeline
from reports.units import count_text, milliseconds_text, rate_text, size_text

ROWS_SHOWN = 200
MEMORY_WORDS = {
    "leak": "✗ leak",
    "cache_fill": "✓ fills up and stops",
    "stable": "✓ stable",
    "poor_recovery": "! keeps what the load needed",
    "cannot_tell": "? cannot tell",
}
RATING_CLASS = {"healthy": "pass", "warning": "unknown", "critical": "fail", "shown": ""}
STATUS = {
    "fits": "✓ fits",
    "fits_with_recycling": "✓ fits with recycling",
    "tight": "! tight",
    "fails": "✗ fails",
    "cannot_tell": "? cannot tell",
}


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of one report; None: nothing to draw."""

    memory: LayoutDOM
    beside: LayoutDOM
    users: LayoutDOM | None
    growth: LayoutDOM | None
    limits: LayoutDOM | None
    attribution: LayoutDOM | None

    @property
    def by_element(self) -> dict[str, LayoutDOM]:
        """{element id: chart}, those that are."""
        found = {
            "memory-chart": self.memory,
            "beside-chart": self.beside,
            "users-chart": self.users,
            "growth-chart": self.growth,
            "limits-chart": self.limits,
            "attribution-chart": self.attribution,
        }
        return {target: chart for target, chart in found.items() if chart is not None}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many gates were kept, were not, or could not be judged."""

    passed: int
    failed: int
    unknown: int


def render_html(run: AlignedRun, findings: Findings) -> str:
    """The page."""
    over_time = timeline(run, findings)
    charts = _charts(run, findings, over_time)
    shown, other = endpoints_shown(findings.endpoints)
    kept = Counter(gate.passed for gate in findings.gates)
    return render_page(
        "report.html.j2",
        charts.by_element,
        findings=findings,
        has=charts,
        status=STATUS[findings.verdict.fit],
        memory_word=MEMORY_WORDS[findings.memory.verdict],
        peak_users=max((phase.users or 0 for phase in findings.phases), default=None),
        tally=Tally(kept[True], kept[False], kept[None]),
        advice=advice(findings),
        choice=chosen(findings),
        needed=findings.sizing.advised_bytes,
        tiles=tiles(findings),
        advice_text=advice_text,
        plan_rule=PLAN_RULE,
        measure_names=MEASURE_NAMES,
        statuses=STATUS,
        memory_statuses=MEMORY_WORDS,
        uneven=uneven(findings.targets),
        memory_words=memory_words(over_time),
        beside_words=_beside_words(findings),
        users_words=_users_words(findings),
        growth_words=f"Memory against requests: {growth_words(findings.memory)}.",
        limits_words=_limits_words(findings),
        attribution_words=" ".join(findings.attribution.sentences) if findings.attribution else "",
        estimate_text=estimate_text,
        pressure_words=pressure_words(findings.pressure),
        recovery_bar=recovery_bar(findings.recovery),
        split_words=split_sentence(findings),
        hints=findings.hints[:HINTS_SHOWN],
        hints_hidden=len(findings.hints[HINTS_SHOWN:]),
        rating_class=RATING_CLASS,
        gate_mark=gate_mark,
        actual_text=actual_text,
        limit_text=limit_text,
        endpoints=shown,
        other=other,
        kept_text=kept_text,
        processes=findings.processes[:ROWS_SHOWN],
        processes_hidden=len(findings.processes[ROWS_SHOWN:]),
        raw_files=raw_files(run.data.directory),
    )


def _charts(run: AlignedRun, findings: Findings, over_time: Timeline) -> Charts:
    drawn = timeline_charts(over_time)
    line = growth_line(run, findings.memory)
    growth = None if line is None else growth_chart(line, growth_words(findings.memory))
    curve = findings.limit_curve
    limits = None if curve is None else limits_chart(curve)
    found = findings.attribution
    alone = None if found is None else attribution_chart(found)
    return Charts(
        drawn.memory,
        drawn.beside,
        users_chart(findings.scaling, _users_noun(findings)),
        growth,
        limits,
        alone,
    )


def _beside_words(findings: Findings) -> str:
    told = [
        f"{phase.name}: {count_text(phase.users)} users, {rate_text(phase.requests_per_second)},"
        f" p95 {milliseconds_text(phase.p95_ms)}, {count_text(phase.failures)} failed"
        for phase in findings.phases
    ]
    return "Users, requests, failures and p95 over time. " + "; ".join(told) + "."


def _users_words(findings: Findings) -> str:
    noun = _users_noun(findings)
    told = [f"{level.users} {noun} {size_text(level.bytes)}" for level in findings.scaling.levels]
    return f"Memory against {noun}: " + ", ".join(told) + "."


def _users_noun(findings: Findings) -> str:
    return "users" if findings.connections is None else "open connections"


def _limits_words(findings: Findings) -> str:
    curve = findings.limit_curve
    if curve is None:
        return ""
    return (
        f"p95 and memory stalls against the limit: survived from"
        f" {size_text(curve.minimum_bytes)} on, in {len(curve.steps)} runs; the table has each."
    )


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
