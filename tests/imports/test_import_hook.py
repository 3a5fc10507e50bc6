"""The hook that measures imports leaves the program as it is: its imports, files and stderr."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest

from memory_sidecar.probe import import_costs, import_lines
from memory_sidecar.probe.import_lines import json_text
from rundir import ImportFiles
from tests.imports.measured import measured, module, package, run

pytestmark = pytest.mark.live


def test_a_program_that_closes_all_files_imports_on(tmp_path: Path) -> None:
    package(tmp_path, one="", two="import big.three\n", three="")
    (found,) = measured(tmp_path, "import big.one, os\nos.closerange(3, 256)\nimport big.two\n")
    assert {row.module for row in found.modules} >= {"big", "big.one"}
    assert "big.two" not in {row.module for row in found.modules}


def test_nothing_is_written_into_files_that_the_program_opened_instead(tmp_path: Path) -> None:
    package(tmp_path, one="", two="")
    program = f"""
import big.one, os
os.closerange(3, 256)
files = [open({str(tmp_path)!r} + f"/prog{{at}}.db", "w+b", buffering=0) for at in range(9)]
import big.two
assert not any(os.fstat(file.fileno()).st_size for file in files)
"""
    measured(tmp_path, program)


def test_an_import_that_closes_all_files_itself_is_no_failed_one(tmp_path: Path) -> None:
    package(tmp_path, bad="import os\nos.closerange(3, 256)\nraise ImportError('not here')\n")
    program = """
try:
    import big.bad
except ImportError as error:
    assert str(error) == "not here"
"""
    measured(tmp_path, program)


def test_a_full_disk_fails_no_import(tmp_path: Path) -> None:
    package(tmp_path, one="", two="")
    program = """
import big.one, resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
import big.two
"""
    (found,) = measured(tmp_path, program)
    assert module(found, "big.one").cumulative_bytes >= 0


@pytest.mark.parametrize("where", ["stderr=subprocess.PIPE", "stderr=subprocess.STDOUT"])
def test_the_stderr_of_a_child_belongs_to_the_program_that_reads_it(
    tmp_path: Path, where: str
) -> None:
    program = f"""
import subprocess, sys
words = [sys.executable, "-c", "import sys, wave; sys.stderr.write('mine')"]
done = subprocess.run(words, stdout=subprocess.PIPE, {where}, text=True)
assert "mine" == (done.stderr or done.stdout), done
"""
    assert len(measured(tmp_path, program)) == 2


def test_a_stderr_that_the_program_put_elsewhere_stays_there_in_its_forks(tmp_path: Path) -> None:
    program = f"""
import os, sys
log = os.open({str(tmp_path / "own.log")!r}, os.O_WRONLY | os.O_CREAT)
os.dup2(log, 2)
if not os.fork():
    os.write(2, b"mine")
    os._exit(0)
os.wait()
"""
    run(tmp_path, program)
    assert (tmp_path / "own.log").read_text() == "mine"


def test_forks_have_times_of_their_own(tmp_path: Path) -> None:
    package(tmp_path, slow="import time\ntime.sleep(0.05)\n")
    program = "import os\nif not os.fork():\n import big.slow\n os._exit(0)\nos.wait()\n"
    child, _ = measured(tmp_path, program)
    assert (module(child, "big.slow").own_ms or 0) >= 50


def test_loaders_are_called_by_keyword_pickled_and_compared_as_without(tmp_path: Path) -> None:
    package(tmp_path, one="ONE = 1\n")
    program = """
import importlib.util, pickle
import big.one
found = [importlib.util.spec_from_file_location("big.one", big.one.__file__).loader]
assert found[0] == big.one.__loader__
assert pickle.loads(pickle.dumps(big.one.__loader__)) == big.one.__loader__
spec = importlib.util.find_spec("big.one")
again = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module=again)
assert again.ONE == 1 and spec.loader == big.one.__loader__
fresh = importlib.util.find_spec("big.one").loader
assert fresh.create_module(spec=spec) is None
"""
    measured(tmp_path, program)


def test_names_are_json_on_pythons_whose_zip_knows_no_strict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    def plain(*rows: Any) -> Any:
        return builtins.zip(*rows, strict=False)

    for place in (import_costs, import_lines):
        monkeypatch.setattr(place, "zip", plain, raising=False)
    assert json.loads(json_text('a"b')) == 'a"b'


def test_words_leave_import_times_out(tmp_path: Path) -> None:
    (tmp_path / "target.log").write_text("one\nimport time:   1 |   1 | x\n\n")
    (tmp_path / "imports-7.jsonl").write_text("")
    (tmp_path / "importtime-7.log").write_text("import time: 2 | 2 | y\ntwo\n")
    assert ImportFiles(tmp_path).words() == ["one", "two"]
