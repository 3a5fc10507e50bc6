"""Files of a sidecar that is gone, where the folder that it wrote to can be read here."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from rundir import RunDirectory

FOLDERS_VARIABLE = "PLIMSOLL_SIDECAR_FILES"


def folder_of(environ: Mapping[str, str], name: str) -> Path | None:
    """From `FOLDER`, or `name=FOLDER,...`; None where nothing is said of this one."""
    for word in environ.get(FOLDERS_VARIABLE, "").split(","):
        whose, named, folder = word.partition("=")
        if named and whose == name:
            return Path(folder)
        if word and not named:
            return Path(word)
    return None


def take_over(folder: Path, run: str, into: RunDirectory) -> bool:
    """Copy what it wrote of the run; whether there is any."""
    written = RunDirectory(folder / run).sidecar_files
    into.path.mkdir(parents=True, exist_ok=True)
    for path in written:
        to = into.sidecar_file(path.name)
        if to is not None:
            shutil.copyfile(path, to)
    return bool(written)
