"""Hints in the report's files: order, how many are shown, commands, and text that is only text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reports.hints.hint import Hint
from reports.hints.hinting import hints_of
from reports.render.console import console_summary
from reports.render.html import render_html
from reports.render.json import render_json
from reports.render.markdown import render_markdown
from reports.tracing import trace_of
from tests.hints.made_seen import MIB, assembled, endpoint
from tests.reports.made_run import EVIL, MadeRun


def many(count: int) -> tuple[Hint, ...]:
    return tuple(
        Hint(f"title {n}", f"{n} MiB", "do", f"make n{n}", "memory", n) for n in range(count)
    )


def test_without_findings_there_is_no_section(made: MadeRun) -> None:
    run, findings = assembled(made)
    assert findings.hints == ()
    assert "What to look at next" not in render_html(run, findings)
    assert "What to look at next" not in render_markdown(run, findings)
    assert "next  " not in console_summary(findings, made.path, made.path)


def test_hints_are_ordered_by_what_is_at_stake(made: MadeRun) -> None:
    run, findings = assembled(made)
    needs = endpoint("/a", transient_bytes=90.0 * MIB)
    keeps = endpoint("/b", requests=10, retained_bytes_per_request=1024.0)
    findings = replace(findings, endpoints=(keeps, needs))
    found = hints_of(findings, run, trace_of(run, findings.processes, None))
    assert [hint.title.split()[1] for hint in found] == ["/a", "/b"]
    assert found[0].stake_bytes > found[1].stake_bytes


def test_six_are_shown_and_the_others_are_counted(made: MadeRun) -> None:
    run, findings = assembled(made)
    findings = replace(findings, hints=many(8))
    page, text = render_html(run, findings), render_markdown(run, findings)
    for shown in (page, text):
        assert "title 5" in shown and "title 6" not in shown
    assert "2 more, with less at stake, are in report.json." in page
    assert "2 more in report.json." in text
    assert len(json.loads(render_json(run, findings))["hints"]) == 8


def test_the_console_has_the_first_one_in_one_line(made: MadeRun) -> None:
    findings = replace(assembled(made)[1], hints=many(3))
    lines = console_summary(findings, made.path, made.path).splitlines()
    assert "next         title 0: make n0 (2 more in the report)" in lines


def test_names_of_the_run_stay_text(made: MadeRun) -> None:
    run, findings = assembled(made)
    hints = (Hint(EVIL, EVIL, EVIL, EVIL, "memory", 1),)
    findings = replace(findings, hints=hints)
    page = render_html(run, findings)
    assert "alert(1)" in page and EVIL not in page
    assert page.count("<script") == 3
    # As a command it is shown as it is typed, which a code span leaves text.
    text = render_markdown(run, findings)
    assert text.count(EVIL) == 1 and f"`{EVIL}`" in text


@pytest.mark.parametrize(
    ("command", "span"),
    [
        ("make x RUN=a@b_c*", "`make x RUN=a@b_c*`"),
        ("TARGET='sh -c `date`'", "``TARGET='sh -c `date`'``"),
        ("`a` ``b``", "``` `a` ``b`` ```"),
    ],
)
def test_a_command_is_copied_out_of_the_summary_as_it_is_typed(
    made: MadeRun, command: str, span: str
) -> None:
    run, findings = assembled(made)
    findings = replace(findings, hints=(Hint("t", "e", "do", command, "memory", 1),))
    assert f"1. t: e. do: {span}\n" in render_markdown(run, findings)
