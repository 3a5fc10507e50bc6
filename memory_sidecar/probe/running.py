"""What to add to an environment so that every Python below it brings its own probe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

SITE = Path(__file__).with_name("site")
TRACE_VARIABLE = "PLIMSOLL_PROBE_TRACE"


def added(environ: Mapping[str, str], trace_frames: int | None = None) -> dict[str, str]:
    """Our sitecustomize first on Python's path; `trace_frames` also switches tracing on."""
    words = [str(SITE), *filter(None, [environ.get("PYTHONPATH")])]
    more = {} if trace_frames is None else {TRACE_VARIABLE: str(trace_frames)}
    return {"PYTHONPATH": os.pathsep.join(words), **more}
