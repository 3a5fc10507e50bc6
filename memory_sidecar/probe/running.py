"""What to add to an environment so that every Python below it brings its own probe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

SITE = Path(__file__).with_name("site")
TRACE_VARIABLE = "PLIMSOLL_PROBE_TRACE"
IMPORTS_VARIABLE = "PLIMSOLL_PROBE_IMPORTS"


def added(environ: Mapping[str, str], trace_frames: int | None = None) -> dict[str, str]:
    """Our sitecustomize first on Python's path; `trace_frames` also switches tracing on."""
    more = {} if trace_frames is None else {TRACE_VARIABLE: str(trace_frames)}
    return {**_path(environ), **more}


def measuring_imports(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Instead: each Python writes what its imports cost into `folder`, and cannot be asked."""
    # CPython's own -X importtime, by its variable.
    return {**_path(environ), IMPORTS_VARIABLE: str(folder), "PYTHONPROFILEIMPORTTIME": "1"}


def _path(environ: Mapping[str, str]) -> dict[str, str]:
    words = [str(SITE), *filter(None, [environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(words)}
