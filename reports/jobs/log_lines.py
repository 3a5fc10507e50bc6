"""Lines of a log -> runs of jobs. Pure: nothing is opened here.

A line counts when `job_completed` stands in it, whatever a logger wrote before: as logfmt, as
logfmt in a field of logfmt, or as a JSON object whose text, whose `job` or whose own fields tell
the run. Container engines wrap lines in JSON of their own; such are opened, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.jobs.job_run import JobRun, job_run
from reports.jobs.line_times import time_at_start, time_of_value

EVENT = "job_completed"
TEXT_KEYS = ("message", "msg", "event", "log", "text")
TIME_KEYS = ("timestamp", "time", "ts", "asctime", "@timestamp")
OPENING = re.compile(rf"(?<![\w.-]){EVENT}\s+(?=[\w.]+=)")
PAIR = re.compile(r"(?:^|(?<=[\s,{\[]))([\w.@]+)=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s\"']*)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
MOST_DEPTH = 4
"""Objects in texts in objects: as deep as container engine, log shipper, logger, field."""


@dataclass(frozen=True, slots=True)
class JobLog:
    """The runs in the log's order; `unreadable`: the numbers (from 1) of lines that name
    `job_completed` and do not tell a run.
    """

    runs: tuple[JobRun, ...]
    unreadable: tuple[int, ...] = ()


def job_log(lines: Iterable[str]) -> JobLog:
    """All runs of a log."""
    runs, unreadable = [], []
    for line_number, line in enumerate(lines, start=1):
        if EVENT not in line:
            continue
        run = run_of_line(line)
        if run is None:
            unreadable.append(line_number)
        else:
            runs.append(run)
    return JobLog(tuple(runs), tuple(unreadable))


def run_of_line(line: str) -> JobRun | None:
    """The run that a line tells; None where it tells none."""
    return _of_text(COLOUR.sub("", line).strip(), None, 0)


def _of_text(text: str, at: float | None, depth: int) -> JobRun | None:
    if EVENT not in text or depth > MOST_DEPTH:
        return None
    stamp = time_at_start(text)
    at = at if stamp is None else stamp
    content = _object_in(text)
    if content is not None:
        return _of_object(content, at, depth)
    whole = _pairs(text)
    told = [whole[key] for key in TEXT_KEYS if EVENT in whole.get(key, "")]
    if told:
        stamp = _time_in(whole)
        at = at if stamp is None else stamp
        return job_run(whole, at) or _of_text(told[0], at, depth + 1)
    opening = OPENING.search(text)
    return job_run(_pairs(text[opening.end() :]), at) if opening else None


def _of_object(content: Mapping[str, Any], at: float | None, depth: int) -> JobRun | None:
    """An inner time stands before an outer one, which a shipper may have set later."""
    stamp = _time_in(content)
    at = at if stamp is None else stamp
    for fields in (content.get("job"), content):
        found = job_run(fields, at) if isinstance(fields, Mapping) else None
        if found is not None:
            return found
    texts = (content.get(key) for key in TEXT_KEYS)
    found_in = (_of_text(text, at, depth + 1) for text in texts if isinstance(text, str))
    return next((run for run in found_in if run is not None), None)


def _object_in(text: str) -> dict[str, Any] | None:
    """The JSON object that the line is, or ends with."""
    start = text.find("{")
    if start < 0 or not text.endswith("}"):
        return None
    try:
        content = json.loads(text[start:])
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _time_in(fields: Mapping[str, Any]) -> float | None:
    stamps = (time_of_value(fields.get(key)) for key in TIME_KEYS)
    return next((stamp for stamp in stamps if stamp is not None), None)


def _pairs(text: str) -> dict[str, str]:
    """logfmt; the first of two values of one name counts."""
    found: dict[str, str] = {}
    for name, value in PAIR.findall(text):
        found.setdefault(name, _unquoted(value))
    return found


def _unquoted(value: str) -> str:
    if value[:1] == '"':
        try:
            # Not strict: some loggers leave tabs as they are.
            return str(json.loads(value, strict=False))
        except ValueError:
            return value[1:-1]
    return value[1:-1] if value[:1] == "'" else value
