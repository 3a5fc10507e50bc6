"""report.json, report.html, the console and the exit code."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.assemble import assemble
from reports.loading import load
from reports.render.html import render_html
from reports.render.json import render_json
from reports.render.page import script_hash
from tests.reports.made_run import EVIL, MadeRun, event_list

GOLDEN = Path(__file__).parent / "golden" / "report.json"
KEYS = {
    "inside", "connections", "hints",
    "schema", "generated", "run", "verdict", "phases", "leak", "recovery", "scaling", "sizing",
    "endpoints", "processes", "gates", "plateau", "repeated", "measured",
    "not_separated", "targets", "attribution", "pressure", "under_limit", "proofs", "limit_curve",
    "measurement_cost", "caveats",
}  # fmt: skip


def outputs(made: MadeRun) -> tuple[str, str]:
    run, findings = assemble(load(made.write().path), 1_700_001_000.0)
    return render_json(run, findings), render_html(run, findings)


def rounded(value: Any) -> Any:
    """Figures of a fit to four digits: its last ones are the processor's."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def test_report_json_is_the_golden_one(made: MadeRun) -> None:
    text = outputs(made)[0]
    if os.environ.get("PLIMSOLL_RENEW_GOLDEN") == "1":
        GOLDEN.write_text(text)
    assert rounded(json.loads(text)) == rounded(json.loads(GOLDEN.read_text()))


def test_report_json_has_exactly_the_promised_keys(made: MadeRun) -> None:
    content: dict[str, Any] = json.loads(outputs(made)[0])
    assert set(content) == KEYS
    assert set(content["sizing"]["plan"]) == {
        "provider", "name", "memory_bytes", "usd_month", "as_of",
    }  # fmt: skip
    assert content["leak"]["bytes_per_request"] is None


def test_text_of_the_run_never_ends_a_script_or_opens_a_tag(made: MadeRun) -> None:
    events = event_list()
    events[3] = ("phase_started", 0.0, {"phase": EVIL, "index": 0, "users": 0})
    page = outputs(made.but(names=("/a", EVIL), events=events))[1]
    assert "alert(1)" in page
    assert EVIL not in page
    assert page.count("<script") == 3 == page.count("</script>")


def test_the_policy_allows_only_the_pages_own_scripts(made: MadeRun) -> None:
    page = outputs(made)[1]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    text = policy[1].replace("&#39;", "'").replace("&#x27;", "'")
    assert text.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in text
    for script in re.findall(r"<script>(.*?)</script>", page, re.S):
        assert f"'{script_hash(script)}'" in text


def test_the_page_names_nothing_to_fetch(made: MadeRun) -> None:
    page = re.sub(r"<script.*?</script>", "", outputs(made)[1], flags=re.S)
    assert not re.search(r'\bsrc="(?!data:)', page)
    links = set(re.findall(r'\bhref="(?!#|data:)([^"]*)"', page))
    # Raw data beside the page, opened by who clicks; nothing with a scheme or another folder.
    assert "memory_samples.csv" in links
    assert {link for link in links if ":" in link or "/" in link} == set()


def test_many_endpoints_become_two_hundred_and_others(made: MadeRun) -> None:
    page = outputs(made.but(names=tuple(f"/e{i}" for i in range(250))))[1]
    assert "other (50 endpoints)" in page


def test_the_console_ends_with_run_and_report(
    made: MadeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = made.write()
    assert main([str(directory.path)]) == 0
    last = capsys.readouterr().out.splitlines()[-2:]
    assert last == [f"run     {directory.path}", f"report  {directory.report_html}"]
    assert directory.report_html.is_file()


def test_a_failed_fit_exits_with_one(made: MadeRun) -> None:
    events = [*event_list()[:7], ("target_lost", 25.0, {"pid": 1, "reason": "gone"})]
    assert main([str(made.but(events=events, cut=26.0).write().path)]) == 1


def test_the_console_shows_no_control_characters(
    made: MadeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    events = event_list()
    events[3] = ("phase_started", 0.0, {"phase": "a\x1b[2J", "index": 0, "users": 0})
    main([str(made.but(events=events).write().path)])
    assert "\x1b" not in capsys.readouterr().out


def assert_refused(path: Path, capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert main([str(path)]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert len(streams.err.splitlines()) == 1
    assert word in streams.err


def test_a_path_that_is_no_directory_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_refused(tmp_path / "none", capsys, "not a directory")


def test_a_directory_without_a_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_refused(tmp_path, capsys, "not a run directory")


def test_an_unknown_schema_is_one_line(made: MadeRun, capsys: pytest.CaptureFixture[str]) -> None:
    assert_refused(made.but(run={"schema": 9}).write().path, capsys, "schema 9")


def test_a_report_that_cannot_be_written_is_one_line(
    made: MadeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = made.write()
    directory.report_html.mkdir()
    assert_refused(directory.path, capsys, "cannot be written")


def test_help_teaches_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    assert "exit codes" in capsys.readouterr().out


def test_the_cost_of_measuring_is_shown_or_called_unknown(made: MadeRun) -> None:
    assert "Unknown: the sidecar left no account." in outputs(made)[1]
    account = {"ticks": 500, "cpu_seconds": 0.5, "seconds": 50.0, "seconds_by_source": {EVIL: 1}}
    events = [*event_list(), ("sidecar_stopped", 50.7, account)]
    page = outputs(made.but(events=events))[1]
    assert "1.0 % of one core" in page
    assert "how often PSS was measured is unknown" in page
    assert EVIL not in page


def test_the_phase_table_shows_both_ends_of_a_peak(made: MadeRun) -> None:
    page = outputs(made)[1]
    assert "<td>199.7 MiB</td><td>210.0 MiB</td>" in page
