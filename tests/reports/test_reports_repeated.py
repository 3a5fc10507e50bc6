"""Several runs of one scenario: one verdict, agreement, confidence, and the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.findings import Findings, Fit, Leak, MemoryVerdict, PhaseFigures, WorkerAdvice
from reports.repeated import disagreements, merged
from reports.verdicts.confidence import Grounds, confidence
from reports.verdicts.fit import over_time
from reports.verdicts.thresholds import Thresholds
from rundir import MemorySample
from tests.reports.made_findings import findings_of
from tests.reports.made_run import MIB, MadeRun

DAY = 24 * 3600.0


def leaking(rate: float, low: float, high: float) -> MemoryVerdict:
    leak = Leak(rate, (low, high), rate * 3600.0, 1e5, 1e6)
    return MemoryVerdict("leak", ("grows",), leak, certainty=0.99)


def with_memory(found: Findings, memory: MemoryVerdict) -> Findings:
    verdict = replace(found.verdict, memory=memory.verdict)
    return replace(found, memory=memory, verdict=verdict)


def test_two_equal_runs_agree_and_a_third_with_a_higher_peak_does_not(made: MadeRun) -> None:
    one = findings_of(made)
    assert disagreements([one, one]) == ()
    higher = replace(one, sizing=replace(one.sizing, peak_bytes=300 * MIB))
    assert "the peaks differ by 43 %" in disagreements([one, higher])[0]


def test_leaks_of_several_runs_are_pooled_by_their_errors(made: MadeRun) -> None:
    one = findings_of(made)
    runs = [
        with_memory(one, leaking(1000.0, 900.0, 1100.0)),
        with_memory(one, leaking(1100.0, 700.0, 1500.0)),
    ]
    leak = merged(runs[0], runs).memory.leak
    assert leak is not None and leak.bytes_per_request_ci95 is not None
    # Inverse variances: 1 / 100^2 against 1 / 400^2.
    assert leak.bytes_per_request == pytest.approx((16 * 1000 + 1100) / 17)
    low, high = leak.bytes_per_request_ci95
    assert high - low < 200.0


def test_leaks_that_scatter_widen_the_interval(made: MadeRun) -> None:
    one = findings_of(made)
    runs = [with_memory(one, leaking(rate, rate - 10, rate + 10)) for rate in (1000.0, 2000.0)]
    leak = merged(runs[0], runs).memory.leak
    assert leak is not None and leak.bytes_per_request_ci95 is not None
    low, high = leak.bytes_per_request_ci95
    assert low < 1000.0 and high > 2000.0


def test_contradicting_words_cannot_tell(made: MadeRun) -> None:
    one = findings_of(made)
    runs = [
        with_memory(one, leaking(1000.0, 900.0, 1100.0)),
        with_memory(one, MemoryVerdict("stable", ("stands",))),
    ]
    found = merged(runs[0], runs)
    assert found.memory.verdict == "cannot_tell"
    assert found.verdict.confidence.level == "low"
    assert found.repeated is not None and not found.repeated.agree


def test_the_command_merges_into_the_newest_run(
    made: MadeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = made.but(path=tmp_path / "one").write().path
    second = made.but(path=tmp_path / "two", run={"started": 1_700_000_500.0}).write()
    assert main([str(first), str(second.path)]) == 0
    content = json.loads(second.report_json.read_text())
    assert content["repeated"]["agree"] is True
    assert [row["directory"] for row in content["repeated"]["runs"]] == ["one", "two"]
    assert not (first / "report.json").exists()
    assert "2 runs agree" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--users", "0"], "--users 0: give a number of users"),
        (["--restart-hours", "-1"], "--restart-hours -1: give hours above 0"),
        (["--growth-warning-bytes", "much"], "expected a size such as 512MiB"),
        (["--usage-warning", "140%"], "give a share such as 80% or 0.8"),
    ],
)
def test_a_bad_wish_is_one_line_and_code_2(
    made: MadeRun, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(made.write().path), *words]) == 2
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1


def test_runs_of_two_scenarios_are_not_merged(
    made: MadeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = made.but(path=tmp_path / "one").write().path
    other = made.but(path=tmp_path / "two", run={"scenario": {"name": "other"}}).write().path
    assert main([str(first), str(other)]) == 2
    assert "different scenarios" in capsys.readouterr().err
    assert main([str(first), str(first)]) == 2
    assert "given twice" in capsys.readouterr().err


def test_thresholds_come_from_the_scenario_and_the_command_line_wins(made: MadeRun) -> None:
    scenario = {"name": "shop", "thresholds": {"growth_warning_bytes": 10 * MIB}}
    directory = made.but(run={"scenario": scenario}).write()
    main([str(directory.path)])
    assert json.loads(directory.report_json.read_text())["recovery"]["rating"] == "warning"
    main([str(directory.path), "--growth-warning-bytes", "40MiB"])
    assert json.loads(directory.report_json.read_text())["recovery"]["rating"] == "healthy"


def test_many_failures_forbid_a_verdict(made: MadeRun) -> None:
    # 12 of 1,200 requests fail: 1 %.
    directory = made.write()
    main([str(directory.path), "--failed-fraction", "0.5%"])
    verdict = json.loads(directory.report_json.read_text())["verdict"]
    assert (verdict["fit"], verdict["memory"]) == ("cannot_tell", "cannot_tell")


def advice(refused: str | None = None) -> WorkerAdvice:
    return WorkerAdvice(
        512 * MIB, 2, 3, MIB, MIB, 300 * MIB, None if refused else 1000, 100, refused
    )


def test_a_leak_fits_only_with_recycling_or_when_the_restart_comes_first() -> None:
    fits = Fit("fits", ("small",), 512 * MIB, "limit")
    memory = leaking(1000.0, 900.0, 1100.0)
    leak = memory.leak
    assert leak is not None
    soon = replace(memory, leak=replace(leak, seconds_to_limit=3600.0))
    assert over_time(fits, soon, None, DAY).fit == "fails"
    assert over_time(fits, soon, advice(), DAY).fit == "fits_with_recycling"
    assert over_time(fits, soon, advice("master leaks"), DAY).fit == "fails"
    assert over_time(fits, soon, None, 1800.0).fit == "fits"
    assert over_time(fits, MemoryVerdict("stable", ()), None, DAY).fit == "fits"


def grounds(phases: tuple[PhaseFigures, ...], **changes: object) -> Grounds:
    base = Grounds(
        Fit("fits", ("small",), 512 * MIB, "limit"),
        MemoryVerdict("stable", ("stands",), certainty=0.95),
        phases,
        partial=False,
        wanted_users=None,
        agreeing_runs=1,
        verified=None,
        peak_bytes=200 * MIB,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_confidence_is_high_only_with_agreeing_runs_and_proof(made: MadeRun) -> None:
    phases = findings_of(made).phases
    assert confidence(grounds(phases)).level == "medium"
    assert confidence(grounds(phases, agreeing_runs=2)).level == "medium"
    best = confidence(grounds(phases, agreeing_runs=2, verified=True))
    assert (best.level, best.would_raise) == ("high", None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"partial": True}, "partial"),
        ({"wanted_users": 31}, "31 users are more than 1.5 times"),
        ({"agreeing_runs": 0}, "disagree"),
        ({"memory": MemoryVerdict("cannot_tell", ("short",), would_decide="longer")}, "short"),
    ],
)
def test_confidence_is_low_for_a_reason_with_a_remedy(
    made: MadeRun, change: dict[str, object], told: str
) -> None:
    found = confidence(grounds(findings_of(made).phases, **change))
    assert found.level == "low"
    assert told in found.reasons[0]
    assert found.would_raise


def test_rss_alone_is_low(made: MadeRun) -> None:
    def resident_only(row: MemorySample) -> MemorySample:
        return replace(row, pss=None)

    assert findings_of(made.but(sample=resident_only)).verdict.confidence.level == "low"


def test_growth_words_follow_the_thresholds() -> None:
    lines = Thresholds()
    words = [lines.growth_word(size * MIB) for size in (49, 50, 100, 101)]
    assert words == ["healthy", "warning", "warning", "critical"]
