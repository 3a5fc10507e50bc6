"""Rules on made runs of known figures: 100 MiB idle, peak 210 MiB, 30 MiB kept, 1 % failed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from reports.__main__ import main
from reports.assemble import assemble, with_gates
from reports.catalogue import load_catalogue
from reports.comparing.baseline_file import baseline_text
from reports.comparing.figures import figures_of
from reports.errors import UsageError
from reports.findings import Findings, Gate, Leak, Measured
from reports.gates.rules import GateRules, read_gates
from reports.loading import load
from reports.render.junit import render_junit
from reports.render.markdown import render_markdown
from scenarios.model import Gates
from tests.reports.made_run import EVIL, MIB, MadeRun


@pytest.fixture
def found(made: MadeRun) -> Findings:
    return assemble(load(made.write().path), 0.0)[1]


def gate(found: Findings, folder: Path | None = None, **rules: Any) -> Gate:
    """The one gate beside the verdict's own."""
    judged = with_gates(found, GateRules(Gates(**rules), folder or Path()), load_catalogue())
    assert judged.gates[0].rule == "fits_limit"
    (only,) = judged.gates[1:]
    return only


def test_without_rules_the_verdict_alone_is_a_gate(found: Findings) -> None:
    (only,) = found.gates
    assert (only.rule, only.passed, only.actual) == ("fits_limit", True, "fits")


@pytest.mark.parametrize(
    ("rules", "actual", "passed"),
    [
        ({"peak_mib": 211}, 210 * MIB, True),
        ({"peak_mib": 209}, 210 * MIB, False),
        ({"idle_mib": 101}, 100 * MIB, True),
        ({"idle_mib": 99}, 100 * MIB, False),
        ({"growth_mib": 31}, 30 * MIB, True),
        ({"growth_mib": 29}, 30 * MIB, False),
        ({"failure_rate": 0.02}, 0.01, True),
        ({"failure_rate": 0.0}, 0.01, False),
        ({"p95_ms": 20}, 20, True),
        ({"p95_ms": 19}, 20, False),
    ],
)
def test_a_figure_against_its_limit(
    found: Findings, rules: dict[str, Any], actual: float, passed: bool
) -> None:
    only = gate(found, None, **rules)
    assert only.actual == pytest.approx(actual)
    assert only.passed is passed


def test_what_came_back_of_the_growth_is_held_to_a_least_share(found: Findings) -> None:
    # 100 -> 199.7 sampled -> 130 MiB: 70 % came back.
    assert gate(found, recovery_min=0.69).passed is True
    assert gate(found, recovery_min=0.71).passed is False


def test_a_leak_that_cannot_be_told_is_not_kept_and_says_so(found: Findings) -> None:
    only = gate(found, leak_kib_per_request=1)
    assert only.passed is None
    assert only.actual is None
    assert "cannot tell" in (only.note or "")


def test_a_bound_under_the_limit_is_enough(found: Findings) -> None:
    only = gate(found, leak_kib_per_request=100)
    assert only.passed is True
    assert only.actual is None


def with_leak(found: Findings, value: float, low: float, high: float) -> Findings:
    leak = Measured("leak_bytes_per_request", "B", value, (low, high))
    rest = tuple(one for one in found.measured if one.name != leak.name)
    return replace(found, memory=replace(found.memory, leak=Leak(value)), measured=(*rest, leak))


def test_a_limit_inside_the_interval_says_that_it_is_noise(found: Findings) -> None:
    close = gate(with_leak(found, 1000, 900, 1100), leak_kib_per_request=1)
    assert close.passed is True
    assert "inside the noise" in (close.note or "")
    clear = gate(with_leak(found, 2000, 1900, 2100), leak_kib_per_request=1)
    assert clear.passed is False
    assert clear.note is None


def test_a_plan_is_held_by_its_pessimistic_size(found: Findings) -> None:
    assert gate(found, fits_plan="fly/shared-cpu-1x-1024mb").passed is True
    assert gate(found, fits_plan="fly/shared-cpu-1x-256mb").passed is False


def test_an_unknown_plan_names_those_that_are_near(found: Findings) -> None:
    only = gate(found, fits_plan="fly/shared-cpu-1x-1000mb")
    assert only.passed is None
    assert "did you mean fly/shared-cpu-1x-" in (only.note or "")


def baseline(found: Findings, folder: Path, factor: float) -> None:
    """This run's figures, as a baseline that was `factor` of them."""
    run = figures_of(found)
    figures = tuple(
        Measured(f.name, f.unit, None if f.value is None else f.value * factor) for f in run.figures
    )
    (folder / "base.json").write_text(baseline_text([replace(run, figures=figures)]))


def test_more_memory_than_the_baseline_bears_fails(found: Findings, tmp_path: Path) -> None:
    baseline(found, tmp_path, 0.8)
    only = gate(found, tmp_path, regression_percent=10, baseline="base.json")
    assert only.passed is False
    assert only.actual == pytest.approx(0.25)


def test_the_same_memory_as_the_baseline_passes(found: Findings, tmp_path: Path) -> None:
    baseline(found, tmp_path, 1.0)
    only = gate(found, tmp_path, regression_percent=10, baseline="base.json")
    assert only.passed is True


def test_a_baseline_that_is_missing_is_told(found: Findings, tmp_path: Path) -> None:
    only = gate(found, tmp_path, regression_percent=10, baseline="none.json")
    assert only.passed is None
    assert "none.json" in (only.note or "")


def test_the_scenarios_rules_come_from_run_json_and_set_the_exit_code(
    made: MadeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = made.but(run={"scenario": {"name": "made", "gates": {"peak_mib": 300}}})
    assert main([str(kept.write().path)]) == 0
    broken = made.but(run={"scenario": {"name": "made", "gates": {"peak_mib": 150}}})
    assert main([str(broken.write().path)]) == 1
    text = capsys.readouterr().out
    assert "1 of 2 kept" in text
    assert "✗ FAIL" in text
    assert "peak_mib: 210.0 MiB; asked: at most 150.0 MiB" in text


def test_a_file_stands_before_the_scenario(made: MadeRun, tmp_path: Path) -> None:
    run = made.but(run={"scenario": {"name": "made", "gates": {"peak_mib": 150}}}).write()
    rules = tmp_path / "ci.toml"
    rules.write_text("[gates]\npeak_mib = 300\n")
    assert main(["--gates", str(rules), str(run.path)]) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[gates]\npeak_mb = 3", "unknown key 'peak_mb'; expected one of baseline"),
        ("[gates]\npeak_mib = -3", "key 'peak_mib'"),
        ("[gates]\nfits_plan = 'render'", "key 'fits_plan'"),
        ("peak_mib = 3", "no [gates] table"),
        ("[gates", "not valid TOML"),
    ],
)
def test_a_wrong_rule_is_named_with_its_file(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        read_gates(path)
    assert told in str(error.value)
    assert "gates.toml" in str(error.value)


def judged_run(made: MadeRun, rules: Gates) -> tuple[Any, Findings]:
    run, found = assemble(load(made.write().path), 0.0)
    return run, with_gates(found, GateRules(rules, Path()), load_catalogue())


def test_junit_has_a_case_for_each_gate(made: MadeRun) -> None:
    rules = Gates(peak_mib=150, idle_mib=200, leak_kib_per_request=1)
    document = ElementTree.fromstring(render_junit(*judged_run(made, rules)))
    cases = {case.get("name"): [part.tag for part in case] for case in document.iter("testcase")}
    assert cases == {
        "fits_limit": ["system-out"],
        "peak_mib": ["failure"],
        "idle_mib": ["system-out"],
        "leak_kib_per_request": ["error"],
    }
    suite = next(document.iter("testsuite"))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "1")


def test_text_of_the_run_is_harmless_in_junit_and_markdown(made: MadeRun) -> None:
    evil = made.but(run={"scenario": {"name": EVIL + "\x07 | `x` @team"}})
    run, found = judged_run(evil, Gates(peak_mib=150))
    assert ElementTree.fromstring(render_junit(run, found)) is not None
    text = render_markdown(run, found)
    assert "<script>" not in text.replace("\\<", "")
    assert "\x07" not in text


def test_report_json_lists_rule_limit_actual_and_result(made: MadeRun) -> None:
    directory = made.but(run={"scenario": {"name": "m", "gates": {"peak_mib": 150}}}).write()
    main([str(directory.path)])
    gates = json.loads(directory.report_json.read_text())["gates"]
    assert [(g["rule"], g["limit"], g["actual"], g["passed"]) for g in gates] == [
        ("fits_limit", "not fails", "fits", True),
        ("peak_mib", 150.0 * MIB, 210.0 * MIB, False),
    ]
    assert directory.junit_xml.is_file()
    assert directory.summary_md.is_file()
