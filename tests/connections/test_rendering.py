"""A run of open connections on the page, in report.json, in summary.md and on the console."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from reports.aligning import AlignedRun
from reports.assemble import assemble
from reports.findings import Findings
from reports.loading import load
from reports.render.console import console_summary
from reports.render.html import render_html
from reports.render.json import render_json
from reports.render.markdown import render_markdown
from rundir import MemorySample
from tests.reports.made_run import EVIL, MIB, MadeRun

HELD = {"kind": "events", "path": f"/{EVIL}", "count": 20, "read_bytes_per_second": 1000}


def assembled(path: Path) -> tuple[AlignedRun, Findings]:
    """One load phase of 20 connections: too few stairs, and no hold. 5 of the 20 are open."""

    def with_descriptors(row: MemorySample) -> MemorySample:
        return replace(row, fds=12 if row.phase == "load" else 7)

    made = MadeRun(path / "run", sample=with_descriptors, run={"connections": HELD})
    return assemble(load(made.write().path), 1_700_001_000.0)


def test_every_output_tells_it_and_escapes_what_comes_from_the_run(tmp_path: Path) -> None:
    run, findings = assembled(tmp_path)
    assert findings.connections is not None
    page = render_html(run, findings)
    assert "Memory per open connection: cannot tell" in page
    assert "Memory against users" not in page
    assert EVIL not in page
    assert EVIL not in render_markdown(run, findings)
    shown = " ".join(console_summary(findings, tmp_path, tmp_path).split())
    assert "connections 20 event streams to" in shown
    assert "at 20 open connections" in findings.verdict.sentence


def test_report_json_has_the_record_with_null_for_what_is_unknown(tmp_path: Path) -> None:
    run, findings = assembled(tmp_path)
    told = json.loads(render_json(run, findings))["connections"]
    assert (told["kind"], told["asked"], told["held"]) == ("events", 20, None)
    assert told["bytes_per_connection"] is None
    assert "fewer than 3 stairs" in told["reason"]
    assert [(row["asked"], row["open"]) for row in told["counts"]] == [(20, 5)]
    assert any("5 connections were open" in text for text in findings.caveats)
    assert told["counts"][0]["bytes"] > 100 * MIB


def test_a_run_of_another_kind_says_nothing_of_connections(tmp_path: Path) -> None:
    made = MadeRun(tmp_path / "run")
    run, findings = assemble(load(made.write().path), 1_700_001_000.0)
    assert json.loads(render_json(run, findings))["connections"] is None
    assert "open connection" not in render_html(run, findings)
