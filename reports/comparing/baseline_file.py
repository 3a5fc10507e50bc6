"""A baseline: the figures of one or more runs in a small JSON file, to keep in a repository."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reports.comparing.figures import RunFigures
from reports.errors import UsageError

KIND = "plimsoll-baseline"
SCHEMA = 1
DEFAULT_NAME = "plimsoll-baseline.json"


def baseline_text(runs: Sequence[RunFigures]) -> str:
    """The content of a baseline file: bytes, milliseconds, shares, requests per second."""
    content = {"kind": KIND, "schema": SCHEMA, "runs": [asdict(run) for run in runs]}
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def read_baseline(path: Path) -> tuple[RunFigures, ...]:
    """The runs of a baseline file. Raises UsageError that names the file and what is wrong."""
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise UsageError(f"{path}: not a baseline; write one with: make baseline RUN=runs/...")
    if content.get("schema") != SCHEMA:
        raise UsageError(f"{path}: schema {content.get('schema')!r} is not {SCHEMA}; write it anew")
    try:
        runs = TypeAdapter(tuple[RunFigures, ...]).validate_python(content.get("runs"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path}: runs.{where}: {first['msg']}; write it anew") from None
    if not runs:
        raise UsageError(f"{path}: holds no run; write it anew")
    return runs
