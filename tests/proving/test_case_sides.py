"""What a side of a case is run with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cases import __main__ as cases
from harness.cases.__main__ import PAGES
from harness.cases.showing import switches, used
from harness.cases.sides import RanSide, Shorter, refuse_foreign_switches, side_words
from rundir import RunDirectory
from scenarios.cases.loading import load_case
from scenarios.cases.model import Case
from scenarios.errors import UsageError

RECYCLING = load_case("worker-recycling")


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


def with_load(case: Case, **changes: object) -> Case:
    return replace(case, load=replace(case.load, **changes))  # type: ignore[arg-type]


def test_a_side_with_a_longer_load_gets_it_and_both_get_the_limit() -> None:
    sides = (RECYCLING.before, RECYCLING.after)
    words = [side_words(RECYCLING, side, Path("runs"), Shorter()) for side in sides]
    assert [option(one, "--load") for one in words] == ["40", "200"]
    assert {option(one, "--memory-limit") for one in words} == {"2GiB"}
    assert {option(one, "--users") for one in words} == {"20"}


def test_what_is_given_stands_before_what_the_case_says_also_a_nought() -> None:
    words = side_words(RECYCLING, RECYCLING.after, Path("runs"), Shorter(load=0.0, users=3))
    assert (option(words, "--load"), option(words, "--users")) == ("0", "3")


def test_users_of_the_connections_plan_are_connections_with_slow_readers() -> None:
    case = with_load(RECYCLING, plan="connections", read_bytes_per_second=1000.0)
    words = side_words(case, case.before, Path("runs"), Shorter())
    assert (option(words, "--connections"), option(words, "--read-bytes-per-second")) == (
        "20",
        "1000",
    )
    assert "--users" not in words


def test_a_scenario_that_is_not_there_is_told() -> None:
    case = with_load(RECYCLING, scenario="absent.toml")
    with pytest.raises(UsageError, match=r"scenario 'absent\.toml': no such file beside the case"):
        side_words(case, case.before, Path("runs"), Shorter())


def test_switches_that_somebody_else_set_are_refused_by_name() -> None:
    refuse_foreign_switches({"PATH": "/bin", "HOME": "/"})
    with pytest.raises(UsageError, match="DEMO_LEAK_BYTES, GUNICORN_CMD_ARGS is set"):
        refuse_foreign_switches({"GUNICORN_CMD_ARGS": "-w 4", "DEMO_LEAK_BYTES": "1"})


@pytest.mark.parametrize("name", ["WEB_CONCURRENCY", "UVICORN_WORKERS"])
def test_what_the_service_itself_reads_its_worker_count_from_is_a_switch_too(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is set"):
        refuse_foreign_switches({name: "4"})


def test_the_advice_that_the_switches_take_is_kept_and_no_other() -> None:
    report = {"sizing": {"gunicorn": {"max_requests": 2200, "jitter": 220}}}
    ran = RanSide(RunDirectory(Path()), report, 0.0, 1.0)
    assert used(RECYCLING.after.env, ran) == {"max_requests": 2200, "jitter": 220}
    assert used(RECYCLING.before.env, ran) == {}
    assert used(RECYCLING.after.env, replace(ran, report={})) == {}


def test_runs_that_have_no_place_are_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cases, "refuse_foreign_switches", lambda _: None)
    file = tmp_path / "file"
    file.touch()
    assert cases.main(["strategies", "--runs-dir", str(file)]) == 2
    assert "error: --runs-dir" in capsys.readouterr().err


def test_switches_are_told_as_one_would_write_them() -> None:
    assert switches({"A": "1", "B": "on"}) == "A=1 B=on"
    assert switches({}) == "as it is"


@pytest.mark.parametrize("more", [("--load", "10"), ("--users", "5", "--output", str(PAGES))])
def test_a_shortened_run_does_not_write_the_shipped_page(
    more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cases, "refuse_foreign_switches", lambda _: None)
    monkeypatch.setattr(cases, "show_case", lambda *_: 0)
    assert cases.main(["strategies", *more]) == 2
    assert "give --output, another folder" in capsys.readouterr().err
    assert cases.main(["strategies", *more, "--output", "elsewhere"]) == 0
    assert cases.main(["strategies"]) == 0
