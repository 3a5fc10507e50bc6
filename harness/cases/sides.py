"""One side of a case as a Locust run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.proving.replay import locust_words, perform
from rundir import RunDirectory
from scenarios.cases.loading import scenario_file
from scenarios.cases.model import Case, CaseLoad, CaseSide
from scenarios.errors import UsageError

OWN = ("DEMO_", "PLIMSOLL_", "LOCUST_", "GUNICORN_", "UVICORN_", "WEB_CONCURRENCY")
"""Beginnings of variables that would change what a case runs."""


@dataclass(frozen=True, slots=True)
class Shorter:
    """Seconds and users in place of the case's own; None: those of the case."""

    baseline: float | None = None
    load: float | None = None
    cooldown: float | None = None
    users: int | None = None


def refuse_foreign_switches(environ: Mapping[str, str]) -> None:
    """Raises UsageError where the environment would be a part of what is shown."""
    found = sorted(name for name in environ if name.startswith(OWN))
    if found:
        raise UsageError(
            f"{', '.join(found)} is set in the environment: unset it, a case sets its own switches"
        )


def side_words(case: Case, side: CaseSide, runs: Path, shorter: Shorter) -> list[str]:
    """The Locust command of one side, below `runs`. Raises UsageError without its scenario."""
    load = case.load
    words = locust_words(scenario_file(case), runs)
    words += ["--plan", load.plan, "--spawn-rate", f"{load.spawn_rate:g}"]
    for name, given, own in (
        ("--baseline", shorter.baseline, load.baseline_seconds),
        ("--load", shorter.load, side.load_seconds or load.load_seconds),
        ("--cooldown", shorter.cooldown, load.cooldown_seconds),
        ("--connections" if load.plan == "connections" else "--users", shorter.users, load.users),
    ):
        # A 0 is passed on, so that it is refused with its reason.
        words += [name, f"{own if given is None else given:g}"]
    return [*words, *_limit(load), *_reading(load)]


@dataclass(frozen=True, slots=True)
class RanSide:
    """A side that ran: its folder, its report.json, and from when to when (epoch seconds)."""

    directory: RunDirectory
    report: dict[str, Any]
    began: float
    ended: float


def run_side(
    case: Case, side: CaseSide, env: Mapping[str, str], runs: Path, shorter: Shorter
) -> RanSide:
    """Run it to its end, with its progress and its report on our output. Raises UsageError."""
    words, began = side_words(case, side, runs, shorter), time.time()
    done = perform(words, runs, quiet=False, env=dict(env))
    report = done.report()
    if done.directory is None or not report:
        raise UsageError("the run did not begin, or has no report: see above")
    return RanSide(done.directory, report, began, time.time())


def _limit(load: CaseLoad) -> list[str]:
    return ["--memory-limit", load.memory_limit] if load.memory_limit else []


def _reading(load: CaseLoad) -> list[str]:
    slow = load.read_bytes_per_second
    return ["--read-bytes-per-second", f"{slow:g}"] if slow else []
