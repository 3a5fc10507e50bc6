"""The run directory: appending survives kills and refusals."""

import csv
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rundir import (
    INSIDE_COLUMNS,
    MEMORY_COLUMNS,
    NODE_COLUMNS,
    EventLog,
    MemorySample,
    ProcessSample,
    RunDirectory,
    TableWriter,
    columns_of,
    create_run_directory,
    read_events,
    remove_unused,
)
from rundir.columns import PROCESS_COLUMNS
from rundir.table import to_row


def sample(rss: int | None = 1) -> MemorySample:
    return MemorySample(time=1.5, elapsed=0.5, phase="load", rss=rss)


def test_columns_and_records_have_the_same_names_in_the_same_order() -> None:
    fields = list(MemorySample.__dataclass_fields__)
    assert [c.name for c in MEMORY_COLUMNS] == fields[:-1]
    assert fields[-1] == "inside"
    assert [c.name for c in PROCESS_COLUMNS] == list(ProcessSample.__dataclass_fields__)


def test_unknown_is_an_empty_cell_and_never_zero(tmp_path: Path) -> None:
    with TableWriter(tmp_path / "m.csv", MEMORY_COLUMNS) as table:
        table.append(sample(rss=None))
    with (tmp_path / "m.csv").open() as stream:
        row = next(csv.DictReader(stream))
    assert (row["rss"], row["phase"], row["time"]) == ("", "load", "1.500000")


def test_a_torn_last_line_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    with TableWriter(path, MEMORY_COLUMNS) as table:
        table.append(sample(rss=1))
    path.write_bytes(path.read_bytes() + b"2.0,1.0,lo")
    with TableWriter(path, MEMORY_COLUMNS) as table:
        table.append(sample(rss=3))
    with path.open() as stream:
        assert [row["rss"] for row in csv.DictReader(stream)] == ["1", None, "3"]


def test_a_cell_that_a_spreadsheet_would_run_is_quoted() -> None:
    row = ProcessSample(1.0, 1.0, "load", 7, 1.0, "child", "=cmd|' /C calc'!A0")
    assert b"'=cmd" in to_row(row, PROCESS_COLUMNS)


def test_rows_that_the_disk_refuses_are_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = TableWriter(tmp_path / "m.csv", MEMORY_COLUMNS)
    real = os.write

    def full(_fd: int, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        table.append(sample(rss=1))
    assert table.waiting_rows == 1
    monkeypatch.setattr(os, "write", real)
    table.append(sample(rss=2))
    table.close()
    with (tmp_path / "m.csv").open() as stream:
        assert [row["rss"] for row in csv.DictReader(stream)] == ["1", "2"]


def test_events_are_read_back_and_torn_lines_are_counted(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "e.jsonl")
    log.append("phase_started", phase="load", index=1, time=5.0, monotonic=1.0)
    log.close()
    with (tmp_path / "e.jsonl").open("a") as stream:
        stream.write('{"name": "run_en')
    again = EventLog(tmp_path / "e.jsonl")
    again.append("run_ended", reason="completed")
    again.close()
    events, torn = read_events(tmp_path / "e.jsonl")
    assert ([event.name for event in events], torn) == (["phase_started", "run_ended"], 1)
    assert events[0].fields == {"phase": "load", "index": 1}


def test_two_runs_in_one_second_get_two_directories(tmp_path: Path) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    names = [create_run_directory(tmp_path, "a/b ../c", now).path.name for _ in range(2)]
    assert names == ["20260102T030405Z-a-b-..-c", "20260102T030405Z-a-b-..-c-2"]


def test_run_json_is_replaced_as_a_whole(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.write_run_json({"schema": 1})
    assert run.read_run_json() == {"schema": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_what_a_source_declares_stands_behind_the_columns_of_every_run(tmp_path: Path) -> None:
    path = tmp_path / "memory_samples.csv"
    told_by_node = {"heap_used": 7.0, "unknown": 1.0}
    with TableWriter(path, (*MEMORY_COLUMNS, *NODE_COLUMNS)) as table:
        table.append(MemorySample(1.0, 0.0, "load", rss=5, inside=told_by_node))
        table.append(MemorySample(2.0, 1.0, "load", rss=6))
    told, silent = list(csv.DictReader(path.open()))
    assert (told["rss"], told["heap_used"], told["heap_total"]) == ("5", "7.000000", "")
    assert silent["heap_used"] == ""
    assert columns_of(path, INSIDE_COLUMNS) == tuple(column.name for column in NODE_COLUMNS)


def test_only_a_directory_in_which_nothing_was_said_is_removed(tmp_path: Path) -> None:
    unused, silent, said, run = (create_run_directory(tmp_path, str(n)) for n in range(4))
    silent.target_log.touch()
    said.target_log.write_text("no such module")
    run.target_log.touch()
    run.write_run_json({})
    for directory in (unused, silent, said, run):
        remove_unused(directory)
    assert [one.path.exists() for one in (unused, silent, said, run)] == [False, False, True, True]
