"""The evidence-based size, worker advice, plans of each provider, and their configuration."""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from reports.catalogue import load_catalogue
from reports.findings import (
    Leak,
    MemoryFigures,
    MemoryVerdict,
    PhaseFigures,
    Prediction,
    Scaling,
    Snippet,
)
from reports.sizing.evidence import evidence_size, explained
from reports.sizing.providers import provider_choices
from reports.sizing.snippets import Deployment, snippets
from reports.sizing.wish import Wish
from reports.sizing.workers import two_digits, worker_advice
from reports.units import size_text
from reports.verdicts.thresholds import Thresholds
from tests.reports.made_trace import MIB, RATE, life, served, trace_with, with_lives
from tests.reports.test_reports_sizing import plan

STABLE = MemoryVerdict("stable", ("stands",), upper_bytes_per_request=10.0)
LINES = Thresholds()
UNKNOWN = Scaling("cannot_tell")


def phases(
    peak_mib: int, users: int = 20, measure: str = "working_set"
) -> tuple[PhaseFigures, ...]:
    memory = MemoryFigures(measure, peak_high=peak_mib * MIB)
    return (PhaseFigures("load", 0, 60, users, True, 3000, 0, 50.0, None, None, None, memory),)


def leaking(rate: float, pid: int | None = None, name: str | None = None) -> MemoryVerdict:
    leak = Leak(rate, (0.9 * rate, 1.1 * rate), rate * RATE * 3600, None, None, pid, name)
    return MemoryVerdict("leak", ("grows",), leak)


def test_the_terms_add_up_and_leave_a_tenth_free() -> None:
    found = evidence_size(phases(100), STABLE, UNKNOWN, Wish(), LINES)
    assert found.bytes == sum(term.bytes for term in found.terms)
    assert found.bytes == pytest.approx(110 * MIB / 0.9, rel=1e-6)
    assert {term.name for term in found.terms} == {"peak", "spread between runs", "reserve"}


def test_a_figure_that_misses_kernel_pages_has_a_term_for_them() -> None:
    names = [
        t.name
        for t in evidence_size(phases(100, measure="pss"), STABLE, UNKNOWN, Wish(), LINES).terms
    ]
    assert "gap of the figure" in names


def test_a_leak_counts_until_the_restart() -> None:
    wish = Wish(restart_seconds=3600)
    found = evidence_size(phases(100), leaking(1024), UNKNOWN, wish, LINES)
    term = next(term for term in found.terms if term.name == "leak until the restart")
    assert term.bytes == pytest.approx(1.1 * 1024 * RATE * 3600, rel=1e-6)


def test_repeated_runs_shrink_the_spread() -> None:
    def spread(wish: Wish) -> int:
        terms = evidence_size(phases(100), STABLE, UNKNOWN, wish, LINES).terms
        return next(term.bytes for term in terms if term.name == "spread between runs")

    alike = (100 * MIB, 100 * MIB + 4096, 100 * MIB - 4096)
    assert spread(Wish(peaks=alike)) < spread(Wish())


def test_more_users_need_the_predictions_upper_end_or_no_size_is_given() -> None:
    rows = tuple(
        Prediction(
            users, (100 + users) * MIB, ((95 + users) * MIB, (110 + users) * MIB), users > 20
        )
        for users in (20, 30, 40, 60)
    )
    known = Scaling("linear", predictions=rows)
    found = evidence_size(phases(120), STABLE, known, Wish(users=40), LINES)
    more = {term.name: term.bytes for term in found.terms}
    assert more["more users"] == 20 * MIB
    assert more["extrapolation"] == 10 * MIB
    assert evidence_size(phases(120), STABLE, known, Wish(users=80), LINES).bytes is None
    refused = evidence_size(phases(120), STABLE, UNKNOWN, Wish(users=40), LINES)
    assert refused.bytes is None and "USERS=40" in (refused.unknown or "")


def test_without_a_verdict_there_is_no_evidence_based_size() -> None:
    unsure = MemoryVerdict("cannot_tell", ("too short",), would_decide="longer")
    found = evidence_size(phases(100), unsure, UNKNOWN, Wish(), LINES)
    assert found.bytes is None
    assert "too short" in explained(found, 100 * MIB, 200 * MIB)


def test_the_difference_to_the_rule_is_explained() -> None:
    found = evidence_size(phases(100), STABLE, UNKNOWN, Wish(), LINES)
    assert "less than the rule" in explained(found, 100 * MIB, 200 * MIB)


def crew(per_request: float, replaced_at: float = 40.0) -> list[object]:
    master = life(1, lambda t: 30 * MIB + 0 * t, role="root")
    first = life(2, lambda t: replaced_at * 0 + 40 * MIB + per_request / 2 * served(t), 0.0, 40.0)
    other = life(3, lambda t: 40 * MIB + per_request / 2 * served(t))
    start = served(np.array([40.0]))[0]
    fresh = life(4, lambda t: replaced_at * MIB + per_request / 2 * (served(t) - start), 41.0)
    return [master, first, other, fresh]


def test_max_requests_follow_the_formula_and_keep_the_prediction_under_the_gate() -> None:
    trace = with_lives(trace_with(lambda _, n: 0 * n), *crew(2048))  # type: ignore[arg-type]
    found = worker_advice(trace, leaking(2048), 512 * MIB, LINES)
    assert found is not None and found.max_requests is not None and found.jitter is not None
    gate = 0.8 * 512 * MIB
    foot = found.master_bytes + found.workers * found.worker_bytes
    exact = 0.5 * (gate - foot) / (1.1 * 2048) / found.workers
    assert found.max_requests == two_digits(int(exact))
    assert found.jitter == round(0.1 * found.max_requests)
    assert found.predicted_bytes < gate
    assert found.workers == 2
    assert found.worker_bytes == pytest.approx(40 * MIB, rel=0.1)


def test_recycling_is_refused_where_a_fresh_worker_is_no_smaller() -> None:
    trace = with_lives(trace_with(lambda _, n: 0 * n), *crew(2048, replaced_at=60.0))  # type: ignore[arg-type]
    found = worker_advice(trace, leaking(2048), 512 * MIB, LINES)
    assert found is not None and found.max_requests is None
    assert "does not give the memory back" in (found.refused or "")


def test_workers_that_are_replaced_already_may_be_so_as_often_again() -> None:
    fast = 60_000.0
    trace = with_lives(trace_with(lambda _, n: 0 * n), *crew(fast))  # type: ignore[arg-type]
    found = worker_advice(trace, leaking(fast), 512 * MIB, LINES)
    assert found is not None and found.max_requests is not None
    lasting = replace(trace, lives=tuple(one for one in trace.lives if one.died is None))
    refused = worker_advice(lasting, leaking(fast), 512 * MIB, LINES)
    assert refused is not None and "would have to be replaced every" in (refused.refused or "")


def test_recycling_is_refused_where_the_master_leaks() -> None:
    trace = with_lives(trace_with(lambda _, n: 0 * n), *crew(0))  # type: ignore[arg-type]
    found = worker_advice(trace, leaking(2048, pid=1, name="gunicorn"), 512 * MIB, LINES)
    assert found is not None and "no worker" in (found.refused or "")


def test_fewer_workers_where_they_do_not_fit() -> None:
    trace = with_lives(trace_with(lambda _, n: 0 * n), *crew(0))  # type: ignore[arg-type]
    found = worker_advice(trace, STABLE, 128 * MIB, LINES)
    assert found is not None
    assert (found.workers, found.most_workers) == (1, 1)


def test_a_lone_process_has_no_worker_advice() -> None:
    trace = with_lives(trace_with(lambda _, n: 0 * n), life(1, lambda t: 0 * t + MIB, role="root"))
    assert worker_advice(trace, STABLE, 512 * MIB, LINES) is None


@pytest.mark.parametrize(("count", "rounded"), [(7, 7), (99, 99), (123, 120), (98765, 98000)])
def test_two_significant_digits_rounded_down(count: int, rounded: int) -> None:
    assert two_digits(count) == rounded


def test_each_provider_names_its_cheapest_plan_the_next_smaller_and_why_not() -> None:
    plans = [
        plan("small", 512, 5.0),
        plan("dear", 1024, 20.0),
        plan("large", 2048, 15.0),
        plan("h-small", 512, 7.0, provider="heroku", unit_verified=False, kill_mib=1024),
        plan("h-large", 1024, 25.0, provider="heroku"),
        plan("none", 256, 3.0, provider="tiny"),
    ]
    rows = {row.provider: row for row in provider_choices(600 * MIB, plans, ())}
    assert rows["p"].plan is not None and rows["p"].plan.name == "large"
    assert rows["p"].smaller is not None and rows["p"].smaller.name == "small"
    assert rows["p"].why_not == "needs 117 % of its memory"
    assert "R14" in (rows["heroku"].why_not or "")
    assert rows["tiny"].plan is None and rows["tiny"].smaller is not None


def test_a_unit_in_doubt_is_read_as_the_smaller() -> None:
    plans = [plan("a", 512, 5.0, unit_verified=False), plan("b", 1024, 9.0, unit_verified=False)]
    (row,) = provider_choices(500 * MIB, plans, ())
    assert row.plan is not None and row.plan.name == "b"
    assert "488.3 MiB" in (row.why_not or "")


def all_snippets(name: str = "shop api") -> dict[str, Snippet]:
    catalogue = load_catalogue()
    trace = with_lives(trace_with(lambda _, n: 0 * n), *crew(2048))  # type: ignore[arg-type]
    advice = worker_advice(trace, leaking(2048), 512 * MIB, LINES)
    choices = provider_choices(400 * MIB, catalogue.plan, catalogue.behaviour)
    command = 'gunicorn app:app --bind "0.0.0.0:$PORT"'
    found = snippets(
        Deployment(name, command, True), (300 * MIB, 400 * MIB), choices, advice, catalogue.plan
    )
    return {snippet.file: snippet for snippet in found}


def test_every_platform_has_its_snippet() -> None:
    assert set(all_snippets()) == {
        "render.yaml", "fly.toml", "Procfile", "task.json", "deployment.yaml", "compose.yaml",
        "memory.conf", "gunicorn.conf.py", "service.yaml",
    }  # fmt: skip


def test_yaml_snippets_parse_and_carry_the_units_of_their_platform() -> None:
    found = all_snippets()
    render = yaml.safe_load(found["render.yaml"].text)["services"][0]
    assert render["startCommand"] == 'gunicorn app:app --bind "0.0.0.0:$PORT"'
    assert render["envVars"] == [{"key": "WEB_CONCURRENCY", "value": "2"}]
    container = yaml.safe_load(found["deployment.yaml"].text)["spec"]["template"]["spec"][
        "containers"
    ][0]
    assert container["resources"] == {
        "requests": {"memory": "304Mi"},
        "limits": {"memory": "400Mi"},
    }
    run = yaml.safe_load(found["service.yaml"].text)["spec"]["template"]["spec"]["containers"][0]
    assert run["resources"]["limits"]["memory"] == "512Mi"
    service = yaml.safe_load(found["compose.yaml"].text)["services"]["shop-api"]
    assert service["deploy"]["resources"]["limits"] == {"memory": "400M"}


def test_toml_json_and_ini_snippets_parse() -> None:
    found = all_snippets()
    fly = tomllib.loads(found["fly.toml"].text)
    assert fly["vm"][0] == {"size": "shared-cpu-1x", "memory": "512mb"}
    assert fly["env"] == {"WEB_CONCURRENCY": "2"}
    task = json.loads(found["task.json"].text)
    assert task["memory"] == "512" and task["containerDefinitions"][0]["memory"] == 512
    unit = configparser.ConfigParser()
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(found["memory.conf"].text)
    assert dict(unit["Service"])["MemoryMax"] == "400M"


def test_gunicorn_itself_takes_its_file(tmp_path: Path) -> None:
    (tmp_path / "gunicorn.conf.py").write_text(all_snippets()["gunicorn.conf.py"].text)
    (tmp_path / "app.py").write_text("def app(environ, start_response): return []\n")
    shown = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--print-config", "-c", "gunicorn.conf.py", "app:app"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    settings = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    values = {name.strip(): value.strip() for name, value in settings.items()}
    assert values["workers"] == "2"
    assert int(values["max_requests"]) > 0
    assert int(values["max_requests_jitter"]) > 0


def test_the_procfile_is_one_line_of_name_and_command() -> None:
    name, command = all_snippets()["Procfile"].text.rstrip("\n").split(": ", 1)
    assert name == "web" and "\n" not in command


@pytest.mark.parametrize("name", ['"; rm -rf', "a: b\n- c", "Über Shop!", "***"])
def test_a_strange_name_breaks_no_file(name: str) -> None:
    found = all_snippets(name)
    for snippet in found.values():
        if snippet.kind == "yaml":
            yaml.safe_load(snippet.text)
    tomllib.loads(found["fly.toml"].text)
    json.loads(found["task.json"].text)


def test_a_wish_for_other_thresholds_moves_the_reserve() -> None:
    strict = replace(LINES, usage_critical=0.5)
    found = evidence_size(phases(100), STABLE, UNKNOWN, Wish(), strict)
    assert found.bytes == pytest.approx(220 * MIB, rel=1e-6)


def test_memory_that_was_read_as_nothing_is_no_measurement() -> None:
    found = evidence_size(phases(0), STABLE, UNKNOWN, Wish(), LINES)
    assert (found.bytes, found.unknown) == (None, "no memory was measured under load")


def test_a_size_that_rounds_to_nothing_has_no_sign() -> None:
    assert [size_text(-1000.0), size_text(0), size_text(-MIB)] == ["0.0 MiB", "0.0 MiB", "-1.0 MiB"]
