"""Reading run directories, whole and partial."""

from __future__ import annotations

import pytest

from reports.errors import UsageError
from reports.loading import load
from tests.reports.made_run import EVIL, START, MadeRun


def test_a_whole_run_is_read_without_caveats(made: MadeRun) -> None:
    data = load(made.write().path)
    assert data.caveats == ()
    assert len(data.memory) == 500
    assert data.info.scenario == "made"


@pytest.mark.parametrize(
    "name",
    [
        "run.json",
        "events.jsonl",
        "memory_samples.csv",
        "process_samples.csv",
        "locust_stats.json",
    ],
)
def test_each_file_may_be_missing_and_is_named(made: MadeRun, name: str) -> None:
    data = load(made.write(without=(name,)).path)
    assert any(name in caveat for caveat in data.caveats)


def test_a_torn_last_row_is_left_out_and_counted(made: MadeRun) -> None:
    directory = made.write()
    with directory.memory_samples.open("a") as stream:
        stream.write("1700000050.0,50.0,coo")
    data = load(directory.path)
    assert len(data.memory) == 500
    assert any("1 torn" in caveat for caveat in data.caveats)


def test_a_torn_row_in_the_middle_swallows_no_other_row(made: MadeRun) -> None:
    directory = made.write()
    lines = directory.process_samples.read_text().splitlines(keepends=True)
    lines.insert(5, '1700000003.0,3.0,baseline,4711,1.0,root,"pyth\n')
    directory.process_samples.write_text("".join(lines))
    assert len(load(directory.path).processes) == 50


def test_a_torn_run_json_is_a_caveat(made: MadeRun) -> None:
    directory = made.write()
    directory.run_json.write_text('{"schema": 1, "sta')
    assert any("run.json cannot be read" in caveat for caveat in load(directory.path).caveats)


def test_empty_files_are_read_as_nothing(made: MadeRun) -> None:
    directory = made.write()
    for path in directory.path.iterdir():
        path.write_bytes(b"")
    data = load(directory.path)
    assert len(data.memory) == 0
    assert data.statistics.source is None


def test_an_unknown_schema_is_refused(made: MadeRun) -> None:
    directory = made.but(run={"schema": 7}).write()
    with pytest.raises(UsageError, match="schema 7"):
        load(directory.path)


def test_the_history_gives_counts_by_differences_when_the_totals_are_lost(made: MadeRun) -> None:
    statistics = load(made.write(without=("locust_stats.json",)).path).statistics
    assert statistics.source == "locust_stats_history.csv"
    assert sum(second.requests for second in statistics.seconds) == 1200
    assert [s.requests for s in statistics.seconds if s.time > START + 41] == [0] * 8


def test_odd_endpoint_names_stay_as_they_are(made: MadeRun) -> None:
    statistics = load(made.but(names=(EVIL, "/ü,\"'")).write().path).statistics
    assert [entry.name for entry in statistics.entries] == [EVIL, "/ü,\"'"]
