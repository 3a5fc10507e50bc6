"""From lines to the table: what is merged, what is torn, what is unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.imports.costs import process_imports
from reports.imports.times import Times, import_times
from reports.render.imports import imports_json, imports_table

MIB = 1024 * 1024
START = {"pid": 7, "parent_pid": 1, "command": ["python", "a.py"], "forked": False}


def line(module: str, own_mib: int, cumulative_mib: int, by: str | None = None) -> str:
    sizes = {"own_bytes": own_mib * MIB, "cumulative_bytes": cumulative_mib * MIB}
    return json.dumps({"module": module, **sizes, "imported_by": by})


def begin(**more: Any) -> str:
    return json.dumps({**START, "rss_bytes": 8 * MIB, **more})


LINES = [
    begin(),
    line("pandas.core", 20, 20, "pandas"),
    line("pandas", 1, 21, "app"),
    line("_native", 2, 2),
    line("_native", 3, 3),
    line("app", 4, 25),
    '{"module": "torn',
]
TIMES = {"pandas": Times(1.0, 90.0), "pandas.core": Times(60.0, 89.0)}


def test_importtime_is_read_wherever_it_stands_on_a_line() -> None:
    found = import_times(
        [
            "import time: self [us] | cumulative | imported package",
            "import time:      1500 |       2500 |   pandas.core",
            "INFO: ready import time:       500 |        500 | pandas.core",
            "import time: nothing",
        ]
    )
    assert dict(found) == {"pandas.core": Times(2.0, 3.0)}


def test_own_is_summed_by_package_and_a_module_made_and_executed_is_one_row() -> None:
    found = process_imports(LINES, TIMES, {7: 40 * MIB})
    assert found is not None
    assert [row.module for row in found.modules] == ["app", "pandas", "pandas.core", "_native"]
    rows = {row.package: (row.own_bytes / MIB, row.modules, row.own_ms) for row in found.packages}
    assert rows == {"pandas": (21, 2, 61.0), "_native": (5, 1, None), "app": (4, 1, None)}
    assert (found.imported_bytes, found.explained_bytes) == (30 * MIB, 38 * MIB)


def test_the_table_says_how_much_it_explains_and_who_imported() -> None:
    found = process_imports(LINES, TIMES, {7: 40 * MIB})
    assert found is not None
    text = imports_table((found,))
    assert text.startswith(
        "explained 38.0 MiB of 40.0 MiB at idle: 4 modules 30.0 MiB, Python's own start 8.0 MiB\n"
        "process 7: python a.py\n"
    )
    (row,) = [one for one in text.splitlines() if one.startswith("pandas.core ")]
    assert row.split() == [
        "pandas.core", "20.0", "MiB", "20.0", "MiB", "60", "ms", "89", "ms", "pandas",
    ]  # fmt: skip
    assert "without that they\nare shorter" in text


def test_other_processes_have_a_line_each() -> None:
    most = process_imports(LINES, TIMES, {7: 40 * MIB})
    other = process_imports([begin(pid=8, forked=True), line("late", 1, 1)], {}, {})
    assert most is not None and other is not None
    text = imports_table((most, other))
    assert "process 8: python a.py (ended before the service answered)" in text
    assert "explained 9.0 MiB: 1 module 1.0 MiB, what its parent had 8.0 MiB" in text
    assert json.loads(imports_json((most, other)))["processes"][1]["idle_bytes"] is None


def test_a_folder_without_a_measured_start_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["imports", str(tmp_path)]) == 2
    assert "make imports" in capsys.readouterr().err


def test_a_file_without_a_beginning_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "imports-7.jsonl").write_text('[1]\n{"pid": "x"}\n')
    assert main(["imports", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_where_no_process_told_its_last_words_are_said_the_probes_own_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "imports-7.jsonl").write_text("")
    told = "plimsoll: the probe does not start: TypeError('zip')"
    (tmp_path / "importtime-7.log").write_text(f"{told}\nimport time: 1 | 1 | x\nready\n")
    assert main(["imports", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err
