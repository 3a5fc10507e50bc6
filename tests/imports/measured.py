"""Programs that are started with their imports measured."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from memory_sidecar.probe.running import measuring_imports
from reports.imports.findings import ModuleCost, ProcessImports
from reports.imports.reading import read_imports
from rundir import ImportFiles, RunDirectory

MIB = 1024 * 1024
HOLDS = "DATA = b'\\xa5' * ({size} * 1024 * 1024)\n"


def package(folder: Path, **modules: str) -> Path:
    """A package `big` with these modules, below `folder`."""
    home = folder / "big"
    home.mkdir()
    (home / "__init__.py").write_text("")
    for name, text in modules.items():
        (home / f"{name}.py").write_text(text)
    return folder


def run(folder: Path, program: str) -> Path:
    """Run it with `folder` on its path, its output in a log as a run's; returns where it told."""
    told = RunDirectory(folder / "told")
    told.path.mkdir()
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    with told.target_log.open("ab") as log:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**environ, **measuring_imports(environ, told.path)},
            stdout=log,
            stderr=log,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, ImportFiles(told.path).words()
    return told.path


def measured(folder: Path, program: str) -> tuple[ProcessImports, ...]:
    """What the program's imports cost, with `folder` on its path."""
    return read_imports(run(folder, program))


def module(one: ProcessImports, name: str) -> ModuleCost:
    """Its row."""
    return next(row for row in one.modules if row.module == name)
