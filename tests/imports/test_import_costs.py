"""Modules that hold known sizes are named with them, nested ones once, in each process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from memory_sidecar.probe.import_lines import json_text
from tests.imports.measured import HOLDS, MIB, measured, module, package

pytestmark = pytest.mark.live


def test_each_module_is_named_with_what_it_holds(tmp_path: Path) -> None:
    package(
        tmp_path,
        one=HOLDS.format(size=20),
        outer="import big.inner\n" + HOLDS.format(size=10),
        inner=HOLDS.format(size=30),
    )
    (found,) = measured(tmp_path, "import big.one, big.outer")
    own = {name: module(found, f"big.{name}").own_bytes for name in ("one", "outer", "inner")}
    assert own["one"] == pytest.approx(20 * MIB, rel=0.1)
    assert own["outer"] == pytest.approx(10 * MIB, rel=0.1)
    assert own["inner"] == pytest.approx(30 * MIB, rel=0.1)
    outer = module(found, "big.outer")
    assert outer.cumulative_bytes == pytest.approx(40 * MIB, rel=0.1)
    assert module(found, "big.inner").imported_by == "big.outer"
    assert outer.imported_by is None
    big = next(row for row in found.packages if row.package == "big")
    assert big.own_bytes == pytest.approx(60 * MIB, rel=0.1)
    assert found.imported_bytes == sum(one.own_bytes for one in found.modules)


def test_times_come_from_importtime(tmp_path: Path) -> None:
    package(tmp_path, slow="import time\ntime.sleep(0.2)\n", outer="import big.slow\n")
    (found,) = measured(tmp_path, "import big.outer")
    slow, outer = module(found, "big.slow"), module(found, "big.outer")
    assert slow.own_ms is not None and outer.own_ms is not None and outer.cumulative_ms is not None
    assert slow.own_ms >= 200 > outer.own_ms
    assert outer.cumulative_ms >= slow.own_ms


def test_a_forked_child_has_a_table_of_its_own(tmp_path: Path) -> None:
    package(tmp_path, one=HOLDS.format(size=20))
    program = """
import os
if not os.fork():
    import big.one
    os._exit(0)
os.wait()
"""
    child, parent = measured(tmp_path, program)
    assert child.forked and not parent.forked
    assert child.parent_pid == parent.pid
    assert module(child, "big.one").own_bytes == pytest.approx(20 * MIB, rel=0.1)
    assert "big.one" not in {row.module for row in parent.modules}


def test_a_program_that_replaces_itself_begins_anew(tmp_path: Path) -> None:
    package(tmp_path, one=HOLDS.format(size=20), two=HOLDS.format(size=10))
    program = """
import os, sys
import big.one
os.execv(sys.executable, [sys.executable, "-c", "import big.two"])
"""
    (found,) = measured(tmp_path, program)
    names = {row.module for row in found.modules}
    assert "big.two" in names and "big.one" not in names


def test_a_failing_import_fails_as_it_did_and_is_measured(tmp_path: Path) -> None:
    package(tmp_path, bad=HOLDS.format(size=10) + "raise ImportError('not here')\n")
    program = """
try:
    import big.bad
except ImportError as error:
    assert str(error) == "not here"
else:
    raise SystemExit(1)
"""
    (found,) = measured(tmp_path, program)
    assert module(found, "big.bad").cumulative_bytes >= 0


def test_loaders_stay_what_others_look_at(tmp_path: Path) -> None:
    package(tmp_path, one="import big.two\n", two="def f():\n    return 1\n")
    program = """
import importlib, importlib.resources, inspect
from importlib.machinery import SourceFileLoader
import big.one, big.two
assert type(big.two.__loader__) is SourceFileLoader
assert "return 1" in inspect.getsource(big.two.f)
assert importlib.resources.files("big").joinpath("two.py").is_file()
assert importlib.reload(big.two).f() == 1
"""
    (found,) = measured(tmp_path, program)
    assert module(found, "big.two").imported_by == "big.one"


@pytest.mark.parametrize("text", ["plain.name", 'a"b\\c', "größe", "\n\x00", "💾", "\udc80"])
def test_names_are_json(text: str) -> None:
    assert json.loads(json_text(text)) == text
