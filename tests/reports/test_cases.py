"""A case's promises, record and page, on runs that are made; and the pages that are shipped."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.cases.pages import INDEX, CasePages, read_record, record_text, rendered
from reports.cases.promises import checks_of
from reports.cases.record import CaseRecord, Check, ConnectionStory, JobStory, Machine, SideStory
from reports.comparing.comparison import compare
from reports.comparing.figures import PlannedPhase, RunFigures
from reports.errors import UsageError
from reports.findings import Measured
from reports.render.case import render_case
from rundir import CaseRun, write_case_run
from scenarios.cases.loading import case_names, load_case
from scenarios.cases.model import CasePromise, Expected
from tests.reports.made_run import MIB, MadeRun

SHIPPED = CasePages(Path(__file__).parents[2] / "docs" / "cases")


def side(**changes: object) -> SideStory:
    figures = (
        Measured("peak_bytes", "B", 300.0 * MIB, (299.0 * MIB, 300.0 * MIB)),
        Measured("leak_bytes_per_request", "B", 0.0, (0.0, 512.0)),
        Measured("retained_bytes", "B", None),
    )
    story = SideStory(
        "made", (PlannedPhase("load", 60.0, 20),), {}, False, "Fits | <b>well</b>.", "fits",
        "stable", "medium", "Give it 400 MiB", 1000, 0, 512 * MIB, 3000.0, 0, figures,
    )  # fmt: skip
    return replace(story, **changes)  # type: ignore[arg-type]


SERVES = "requests are not shown to fail more often than before"


def run_of(name: str, peak_mib: float, failing: float = 0.0) -> RunFigures:
    figures = (
        Measured("idle_bytes", "B", 100.0 * MIB),
        Measured("peak_bytes", "B", peak_mib * MIB),
        Measured("failure_rate", "1", failing, (max(0.0, failing - 0.01), failing + 0.01)),
    )
    return RunFigures(name, "made", 0.0, "fits", "stable", "Fits.", (), figures)


def record(case: str = "strategies", **changes: object) -> CaseRecord:
    compared = compare([run_of("a", 300.0)], [run_of("b", 150.0)])
    made = CaseRecord(
        case, 1.7e9, 200.0, Machine(2, 24 * 1024 * MIB, "6.1", "3.11.7", "2.47.0"), side(), side(),
        {}, compared.sentence, compared.differences, compared.caveats, (),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def checks(
    promise: CasePromise, before: SideStory, after: SideStory, **changes: float
) -> tuple[Check, ...]:
    base = run_of("a", 300.0)
    new = run_of("b", 150.0, **changes)
    return checks_of(promise, before, after, compare([base], [new]).differences)


def kept(promise: CasePromise, before: SideStory, after: SideStory) -> list[bool]:
    """Of what this promise adds to that of every case."""
    found = [check for check in checks(promise, before, after) if check.promise != SERVES]
    return [check.kept for check in found]


def test_the_words_of_both_reports_are_held_to_the_promise() -> None:
    promise = CasePromise(before=Expected(memory=("leak",)), after=Expected(memory=("stable",)))
    assert kept(promise, side(memory="leak"), side()) == [True, True]
    assert kept(promise, side(), side(memory="cannot_tell")) == [False, False]


@pytest.mark.parametrize(("word", "is_kept"), [("cannot_tell", True), ("leak", False)])
def test_that_no_leak_is_told_accuses_nobody(word: str, is_kept: bool) -> None:
    promise = CasePromise(before=Expected(no_leak=True))
    assert kept(promise, side(memory=word), side()) == [is_kept]


def test_a_figure_has_to_be_better_beyond_what_equal_runs_differ_by() -> None:
    assert kept(CasePromise(better=("peak_bytes",)), side(), side()) == [True]
    assert kept(CasePromise(better=("idle_bytes",)), side(), side()) == [False]


@pytest.mark.parametrize(("failing", "shown"), [(0.0, True), (0.4, False)])
def test_memory_that_is_saved_by_failing_is_no_fix(failing: float, shown: bool) -> None:
    promise = CasePromise(better=("peak_bytes",))
    found = checks(promise, side(), side(), failing=failing)
    assert {check.promise: check.kept for check in found} == {
        SERVES: shown,
        "peak is better": True,
    }


def test_a_partial_run_shows_nothing() -> None:
    assert kept(CasePromise(), side(), side(partial=True)) == [False]


def test_recycling_outlives_the_limit_when_more_was_served_than_would_have_filled_it() -> None:
    promise = CasePromise(outlives_limit=True)
    assert kept(promise, side(), side(requests=4001)) == [True]
    assert kept(promise, side(), side(requests=3999)) == [False]
    assert kept(promise, side(requests_to_limit=None), side(requests=4001)) == [False]
    assert kept(promise, side(), side(requests=4001, limit_bytes=200 * MIB)) == [False]


def test_recycled_workers_are_counted() -> None:
    promise = CasePromise(after=Expected(recycled=2))
    assert kept(promise, side(), side(recycled=2)) == [True]
    assert kept(promise, side(), side(recycled=1)) == [False]


def test_a_job_is_held_to_its_word() -> None:
    promise = CasePromise(before=Expected(job=("leak",)))
    told = JobStory("leak", "1 of 1 job leaks.", 20, 2.0 * MIB, (1.9 * MIB, 2.1 * MIB), None)
    assert kept(promise, side(job=told), side()) == [True]
    assert kept(promise, side(), side()) == [False]


@pytest.mark.parametrize(
    ("grows", "below", "expected"),
    [(50.0, None, True), (51.0, None, False), (None, 40.0, True), (None, None, False)],
)
def test_what_open_connections_grow_by_has_to_be_halved(
    grows: float | None, below: float | None, expected: bool
) -> None:
    before = ConnectionStory("They grow.", 2048.0, (1024.0, 4096.0), 100.0, None, "yes")
    after = replace(before, held_bytes_per_second=grows, held_below_bytes_per_second=below)
    promise = CasePromise(held_growth_halved=True)
    assert kept(promise, side(connections=before), side(connections=after)) == [expected]
    assert kept(promise, side(connections=after), side()) == [False]


def test_text_of_the_run_stays_in_its_cell_and_is_no_markup() -> None:
    page = render_case(load_case("strategies"), record())
    assert r"Fits \| \<b\>well\</b\>." in page
    rows = [line for line in page.splitlines() if line.startswith("| peak |")]
    assert rows[0] == "| peak | 300.0 MiB (299.0 MiB to 300.0 MiB) |"


def test_what_is_unknown_is_said_and_no_leak_is_a_bound() -> None:
    page = render_case(load_case("strategies"), record())
    assert "| kept after the load | unknown |" in page
    assert "| leak per request | none shown, below 512 B (97.5 % sure) |" in page


def test_the_commands_repeat_the_runs_as_they_were_and_not_as_the_case_has_them() -> None:
    lengths = (("baseline", 3.0, 0), ("load", 9.0, 4), ("cooldown", 2.0, 0))
    phases = tuple(PlannedPhase(*one) for one in lengths)
    shorter = side(phases=phases, env={"DEMO_STRATEGY_CACHE": "on"})
    page = render_case(load_case("strategies"), record(after=shorter))
    command = next(line for line in page.splitlines() if "DEMO_STRATEGY_CACHE=on make" in line)
    assert "PLAN=steady BASELINE=3 LOAD=9 COOLDOWN=2 USERS=4 SPAWN_RATE=10" in command


def test_the_advice_stands_in_the_fix() -> None:
    advised = {"max_requests": 2100, "jitter": 210}
    page = render_case(load_case("worker-recycling"), record("worker-recycling", advised=advised))
    assert "--max-requests 2100 --max-requests-jitter 210" in page


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "strategies.json"
    told = JobStory("leak", "1 of 1 job leaks.", 20, 2.0, (1.0, 3.0), None)
    made = record(
        before=side(job=told, connections=ConnectionStory("x", None, None, 1.0, None, "no"))
    )
    path.write_text(record_text(made))
    assert read_record(path) == made


def test_a_record_that_was_typed_at_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "strategies.json"
    path.write_text(record_text(record()).replace('"requests": 1000', '"requests": "many"'))
    with pytest.raises(UsageError, match=r"strategies\.json: before\.requests: .*run the case"):
        read_record(path)


def test_two_runs_become_a_page_and_the_exit_code_tells_whether_it_was_shown(
    made: MadeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = {"plan": {"kind": "steady", "phases": [{"name": "load", "seconds": 30, "users": 20}]}}
    runs = [str(side_of(made.but(path=tmp_path / n, run=plan), n)) for n in ("before", "after")]
    pages = CasePages(tmp_path / "pages")
    assert main(["case", "strategies", *runs, "--output", str(pages.folder)]) == 1
    assert "NOT kept peak is better: no difference shown" in capsys.readouterr().out
    page = pages.page("strategies").read_text()
    assert "**This run did not show all that the case promises.**" in page
    assert str(tmp_path) not in page
    assert "[A strategy API" in (pages.folder / INDEX).read_text()


def side_of(made: MadeRun, side: str, case: str = "strategies") -> Path:
    """The folder of a made run that was one side of a case."""
    directory = made.write()
    write_case_run(directory, CaseRun(case, side, {"DEMO_X": side}, 10.0, 20.0))
    return directory.path


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        ((None, None), r"before: not a run of a case \(no case\.json\)"),
        (("after", "before"), r"a run of case strategies, after the fix, where one of strategies"),
        (("before", "before"), r"a run of case strategies, before the fix, where one of"),
    ],
)
def test_only_the_two_runs_of_a_case_become_its_page(
    made: MadeRun,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    sides: tuple[str | None, str | None],
    said: str,
) -> None:
    runs = []
    for name, side in zip(("before", "after"), sides, strict=True):
        run = made.but(path=tmp_path / name)
        runs.append(str(side_of(run, side) if side else run.write().path))
    assert main(["case", "strategies", *runs, "--output", str(tmp_path / "pages")]) == 2
    assert re.search(said, " ".join(capsys.readouterr().err.split()))
    assert not (tmp_path / "pages").exists()


def test_a_folder_with_a_readme_of_its_own_is_left_alone(
    made: MadeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = {"plan": {"kind": "steady", "phases": [{"name": "load", "seconds": 30, "users": 20}]}}
    runs = [str(side_of(made.but(path=tmp_path / n, run=plan), n)) for n in ("before", "after")]
    (tmp_path / "mine").mkdir()
    readme = tmp_path / "mine" / INDEX
    readme.write_text("# Mine\n")
    assert main(["case", "strategies", *runs, "--output", str(readme.parent)]) == 2
    assert "was not written by a case and is kept" in capsys.readouterr().err
    assert [path.name for path in readme.parent.iterdir()] == [INDEX]
    (readme.parent / "package.json").write_text("{}")
    readme.unlink()
    assert main(["case", "strategies", *runs, "--output", str(readme.parent)]) == 1


def test_an_unknown_case_and_a_missing_run_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["case", "nope", str(tmp_path), str(tmp_path)]) == 2
    assert "no such case; there are" in capsys.readouterr().err
    assert main(["case", "strategies"]) == 2
    assert "say which" in capsys.readouterr().err
    assert main(["case", "strategies", str(tmp_path), str(tmp_path)]) == 2


def test_every_shipped_page_is_what_its_figures_say() -> None:
    texts = rendered(SHIPPED)
    assert set(texts) == {path.name for path in SHIPPED.folder.glob("*.md")}
    for name, text in texts.items():
        assert (SHIPPED.folder / name).read_text() == text, (
            f"{name}: python -m reports case --again"
        )


def test_every_case_has_its_page_and_its_row_in_the_index() -> None:
    assert SHIPPED.names() == list(case_names())
    index = (SHIPPED.folder / INDEX).read_text()
    assert all(f"({name}.md), `make case-{name}`" in index for name in case_names())


@pytest.mark.parametrize("name", SHIPPED.names())
def test_every_shipped_page_keeps_what_its_case_promises(name: str) -> None:
    found = read_record(SHIPPED.record(name))
    assert name in case_names()
    assert found.case == name
    assert found.shown
    assert found.seconds is not None
    assert found.seconds < 300
