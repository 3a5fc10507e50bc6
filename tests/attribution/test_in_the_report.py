"""What a mixed run's endpoints look like in the table, below it and in report.json."""

from __future__ import annotations

import json

import pytest

from reports.assemble import assemble
from reports.attribution import filling
from reports.attribution.filling import filled
from reports.attribution.shares import EndpointShare, EndpointShares, NotSeparated
from reports.attribution.wording import kept_text, notes_of
from reports.endpoints import endpoint_table
from reports.loading import load
from reports.render.html import render_html
from reports.render.json import report_content
from tests.reports.made_run import EVIL, MadeRun

LIGHT, HEAVY = ("GET", "/light"), ("GET", "/heavy")
TOLD = EndpointShares(
    (
        EndpointShare(LIGHT, None, None, 400.0, "bound"),
        EndpointShare(HEAVY, 12_595.0, (11_264.0, 13_824.0), None, "regression"),
    )
)


def together(*names: str, in_step: bool = True) -> EndpointShares:
    keys = tuple(("GET", name) for name in names)
    group = NotSeparated(keys, 2048.0, (1536.0, 2560.0), in_step)
    return EndpointShares(tuple(EndpointShare(key) for key in keys), (group,))


def page_and_json(
    made: MadeRun, shares: EndpointShares, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    monkeypatch.setattr(filling, "mixed_shares", lambda *_: shares)
    run, findings = assemble(load(made.write().path), 1_700_001_000.0)
    return render_html(run, findings), json.dumps(report_content(findings))


def test_the_table_has_figures_with_intervals_and_bounds(
    made: MadeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, text = page_and_json(made, TOLD, monkeypatch)
    assert "<td>below 400 B</td>" in page
    assert "<td>12.3 KiB [11.0 KiB to 13.5 KiB]</td>" in page
    heavy = next(row for row in json.loads(text)["endpoints"] if row["name"] == "/heavy")
    assert heavy["retained_ci95"] == [11_264.0, 13_824.0]
    assert heavy["attributed_from"] == "regression"


def test_those_that_cannot_be_separated_are_listed_and_told(
    made: MadeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, text = page_and_json(made, together("/light", "/heavy"), monkeypatch)
    assert page.count("<td>mixed: cannot be separated</td>") == 2
    assert "Cannot separate GET /light from GET /heavy: their requests rose in step." in page
    (group,) = json.loads(text)["not_separated"]
    assert group["endpoints"] == ["GET /light", "GET /heavy"]
    assert group["in_step"] and group["ci95"]


def test_names_of_the_run_are_escaped_in_the_sentence(
    made: MadeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = made.but(names=("/a", EVIL))
    assert EVIL not in page_and_json(changed, together("/a", EVIL), monkeypatch)[0]


def test_a_run_that_isolates_endpoints_is_not_guessed_at(made: MadeRun) -> None:
    isolating = made.but(run={"plan": {"kind": "attribution"}})
    _, findings = assemble(load(isolating.write().path), 1_700_001_000.0)
    assert [row.attributed_from for row in findings.endpoints] == [None, None]
    assert findings.endpoint_notes == ()


def test_an_unknown_figure_is_called_unknown(made: MadeRun) -> None:
    run, _ = assemble(load(made.write().path), 1_700_001_000.0)
    (first, *_) = filled(endpoint_table(run), EndpointShares()).endpoints
    assert kept_text(first, ()) == "unknown"


def test_of_many_a_sentence_names_a_few() -> None:
    (sentence, _) = notes_of(together(*(f"/{n}" for n in range(9)), in_step=False))
    assert "GET /3 (and 5 more)" in sentence
    assert "2.0 KiB [1.5 KiB to 2.5 KiB] per request to any of them" in sentence


def test_what_is_said_to_separate_them_is_a_command_that_can_be_run() -> None:
    shares = together("/a", "/b", in_step=False)
    assert notes_of(shares)[-1] == "make attribute asks each alone, and tells."
    own = notes_of(shares, can_isolate=False)[-1]
    assert own.startswith("A user_class decides itself") and "make attribute" not in own


def test_why_nothing_can_be_told_is_said() -> None:
    (sentence,) = notes_of(EndpointShares(unknown="workers were replaced"))
    assert (
        sentence == "What each endpoint keeps cannot be told from this run: workers were replaced."
    )
