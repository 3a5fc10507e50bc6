"""Better, worse, or no difference shown: on figures whose truth is made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from reports.__main__ import main
from reports.comparing.baseline_file import baseline_text, read_baseline
from reports.comparing.comparison import compare
from reports.comparing.difference import BETTER, NOT_JUDGED, SAME, UNKNOWN, WORSE, difference
from reports.comparing.figures import PlannedPhase, RunFigures
from reports.errors import UsageError
from reports.findings import Measured
from reports.measured import block_interval
from tests.reports.made_run import MIB, MadeRun

PLAN = (PlannedPhase("load", 30.0, 20),)


def run_with(name: str = "run", **values: float) -> RunFigures:
    """A run whose figures are those given; names as in `reports.measured`."""
    known = {
        "idle_bytes": 100.0 * MIB, "load_bytes": 120.0 * MIB, "peak_bytes": 150.0 * MIB,
        "p95_ms": 20.0, "requests_per_second": 50.0,
    } | values  # fmt: skip
    units = {"p95_ms": "ms", "requests_per_second": "1/s", "failure_rate": "1"}
    figures = tuple(Measured(key, units.get(key, "B"), value) for key, value in known.items())
    return RunFigures(name, "made", 0.0, "fits", "stable", "Fits.", PLAN, figures)


def test_file_pages_that_another_group_paid_for_are_no_difference_of_the_service() -> None:
    base = run_with(idle_bytes=160.1 * MIB, charged_elsewhere_bytes=2.8 * MIB)
    new = run_with("new", idle_bytes=144.3 * MIB, charged_elsewhere_bytes=18.5 * MIB)
    found = compare([base], [new])
    words = {one.name: one.word for one in found.differences}
    assert words["idle_bytes"] == SAME
    assert any("File pages of 15.7 MiB were charged" in caveat for caveat in found.caveats)
    # With a part of them the rest is still a difference.
    half = run_with("new", idle_bytes=144.3 * MIB, charged_elsewhere_bytes=10.0 * MIB)
    assert difference("idle_bytes", [base], [half]).word == BETTER
    assert difference("idle_bytes", [run_with()], [new]).word == WORSE


def test_equal_runs_show_no_difference() -> None:
    found = compare([run_with()], [run_with()])
    assert found.word == SAME
    words = {one.name: one.word for one in found.differences if one.base is not None}
    assert words["idle_bytes"] == words["peak_bytes"] == words["p95_ms"] == SAME
    assert words["requests_per_second"] == NOT_JUDGED


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("idle_bytes", 90.0 * MIB, BETTER),
        ("idle_bytes", 110.0 * MIB, WORSE),
        ("idle_bytes", 100.5 * MIB, SAME),
        ("peak_bytes", 300.0 * MIB, WORSE),
        ("peak_bytes", 155.0 * MIB, SAME),
        ("p95_ms", 5.0, BETTER),
        ("p95_ms", 100.0, WORSE),
        ("p95_ms", 23.0, SAME),
        ("requests_per_second", 60.0, BETTER),
        ("requests_per_second", 40.0, WORSE),
    ],
)
def test_one_figure_against_what_equal_runs_differ_by(name: str, value: float, word: str) -> None:
    found = difference(name, [run_with()], [run_with("new", **{name: value})])
    assert found.word == word
    assert found.ci95 is not None
    assert found.ci95[0] <= (found.difference or 0.0) <= found.ci95[1]


def test_a_figure_that_one_side_lacks_cannot_be_told() -> None:
    found = difference("bytes_per_user", [run_with()], [run_with(bytes_per_user=1e6)])
    assert (found.word, found.difference) == (UNKNOWN, None)


def test_better_and_worse_are_mixed() -> None:
    found = compare([run_with()], [run_with(idle_bytes=50.0 * MIB, p95_ms=200.0)])
    assert found.word == "mixed"
    assert "Better: idle memory" in found.sentence
    assert "Worse: response time p95" in found.sentence


def test_three_calm_runs_a_side_show_what_one_cannot() -> None:
    before = [run_with(str(n), peak_bytes=(150.0 + n / 10) * MIB) for n in range(3)]
    after = [run_with(str(n), peak_bytes=(160.0 + n / 10) * MIB) for n in range(3)]
    assert difference("peak_bytes", before[:1], after[:1]).word == SAME
    assert difference("peak_bytes", before, after).word == WORSE


def test_three_restless_runs_a_side_hide_what_one_would_show() -> None:
    before = [run_with(str(n), idle_bytes=(80.0 + 20 * n) * MIB) for n in range(3)]
    after = [run_with(str(n), idle_bytes=(90.0 + 20 * n) * MIB) for n in range(3)]
    assert difference("idle_bytes", before[:1], after[:1]).word == WORSE
    assert difference("idle_bytes", before, after).word == SAME


def test_a_leak_that_is_gone_is_better_with_its_interval() -> None:
    leaking, mended = run_with(), run_with()
    leaking = run_of(leaking, Measured("leak_bytes_per_request", "B", 1024.0, (900.0, 1100.0)))
    mended = run_of(mended, Measured("leak_bytes_per_request", "B", 0.0, (0.0, 60.0)))
    found = difference("leak_bytes_per_request", [leaking], [mended])
    assert found.word == BETTER
    assert found.difference == -1024.0
    # MOVER: the distance to the ends that face each other, added in squares.
    assert found.ci95 == pytest.approx((-1024 - 76, -1024 + np.hypot(60, 124)), abs=0.5)


def run_of(run: RunFigures, figure: Measured) -> RunFigures:
    return RunFigures(
        run.run, run.scenario, run.started, run.fit, run.memory, run.sentence, run.phases,
        (*run.figures, figure),
    )  # fmt: skip


def test_equal_sides_are_called_different_less_often_than_one_time_in_ten() -> None:
    random = np.random.default_rng(7)
    wrong = 0
    for _ in range(300):
        sides = [
            run_with(
                idle_bytes=100 * MIB * (1 + 0.0028 * random.normal()),
                load_bytes=(100 + 20 * (1 + 0.33 * random.normal())) * MIB,
                peak_bytes=(100 + 3 * random.normal() + 50 * (1 + 0.16 * random.normal())) * MIB,
                p95_ms=round(20 * np.exp(0.22 * random.normal())),
                requests_per_second=50 * (1 + 0.0062 * random.normal()),
            )
            for _ in range(2)
        ]
        wrong += compare(sides[:1], sides[1:]).word != SAME
    assert wrong <= 30


def test_batch_means_cover_the_mean_of_noise_that_hangs_together() -> None:
    random, covered = np.random.default_rng(3), 0
    for _ in range(200):
        noise = np.zeros(2000)
        steps = random.normal(0, 1, 2000)
        for index in range(1, 2000):
            noise[index] = 0.9 * noise[index - 1] + steps[index]
        interval = block_interval(noise)
        assert interval is not None
        covered += interval[0] <= 0 <= interval[1]
    assert covered >= 170


def test_the_command_writes_three_files_and_says_the_word(
    made: MadeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = made.write().path
    new = made.but(path=tmp_path / "new").write().path
    assert main(["compare", str(base), str(new)]) == 0
    assert "No difference shown" in capsys.readouterr().out
    content = json.loads((new / "compare.json").read_text())
    assert content["verdict"] == SAME
    assert len(content["differences"]) == 10
    assert (new / "compare.md").read_text().startswith("### No difference shown")
    assert "compare-chart" in (new / "compare.html").read_text()


def test_a_baseline_file_stands_for_the_run_it_was_made_from(
    made: MadeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, file = made.write().path, tmp_path / "base.json"
    assert main(["baseline", str(run), "--output", str(file)]) == 0
    assert file.stat().st_size < 5_000
    assert main(["compare", str(file), str(run)]) == 0
    assert "No difference shown" in capsys.readouterr().out


def test_worse_fails_only_where_it_was_asked_to(made: MadeRun, tmp_path: Path) -> None:
    file = tmp_path / "base.json"
    file.write_text(baseline_text([run_with(idle_bytes=50.0 * MIB)]))
    run = str(made.write().path)
    assert main(["compare", str(file), run]) == 0
    assert main(["compare", "--fail-if-worse", str(file), run]) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "not a baseline"),
        ("{", "not a baseline"),
        ('{"kind": "plimsoll-baseline", "schema": 9}', "schema 9"),
        ('{"kind": "plimsoll-baseline", "schema": 1, "runs": []}', "holds no run"),
        ('{"kind": "plimsoll-baseline", "schema": 1, "runs": [{"run": "x"}]}', "runs.0"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "base.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=told):
        read_baseline(path)


def test_the_same_run_twice_on_a_side_is_refused(
    made: MadeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    run = str(made.write().path)
    assert main(["compare", f"{run},{run}", run]) == 2
    assert "given twice" in capsys.readouterr().err
