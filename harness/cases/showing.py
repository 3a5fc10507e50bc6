"""Run a case before and after its fix, and have the reports compare both and write its page."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.cases.sides import RanSide, Shorter, run_side
from harness.proving.replay import ROOT, Say
from rundir import CaseRun, write_case_run
from scenarios.cases.filling import filled, places_of
from scenarios.cases.model import Case
from scenarios.errors import UsageError


@dataclass(frozen=True, slots=True)
class Places:
    """Where the runs go, and the folder of the page."""

    runs: Path
    pages: Path


def show_case(name: str, case: Case, places: Places, shorter: Shorter, say: Say) -> int:
    """0: the fix did what the case promises; 1: it did not. Raises UsageError."""
    started = time.monotonic()
    env = filled(case.before.env, {})
    say(f"{name}, before: {switches(env)}")
    before = run_side(case, case.before, env, places.runs, shorter)
    _keep(before, CaseRun(name, "before", env, before.began, before.ended))
    env, advised = filled(case.after.env, advice_of(before)), used(case.after.env, before)
    say(f"\n{name}, after: {switches(env)}")
    after = run_side(case, case.after, env, places.runs, shorter)
    _keep(after, CaseRun(name, "after", env, after.began, after.ended, advised))
    code = write_page(name, before, after, places.pages)
    for side, done in (("before", before), ("after", after)):
        say(f"{side:<7} {done.directory.path}")
    say(f"seconds {time.monotonic() - started:.0f}")
    return code


def _keep(ran: RanSide, as_what: CaseRun) -> None:
    try:
        write_case_run(ran.directory, as_what)
    except OSError as error:
        raise UsageError(f"{ran.directory.case_json}: {error.strerror}") from None


def advice_of(ran: RanSide) -> dict[str, int | None]:
    """What the report of a run advises for gunicorn's options."""
    advice = (ran.report.get("sizing") or {}).get("gunicorn") or {}
    return {"max_requests": advice.get("max_requests"), "jitter": advice.get("jitter")}


def used(env: Mapping[str, str], ran: RanSide) -> dict[str, int]:
    """The advice that these switches take."""
    places = places_of(env)
    return {name: value for name, value in advice_of(ran).items() if name in places and value}


def write_page(name: str, before: RanSide, after: RanSide, pages: Path) -> int:
    """The exit code of `python -m reports case`, its output on ours."""
    words = [sys.executable, "-m", "reports", "case", name]
    words += [str(side.directory.path.resolve()) for side in (before, after)]
    words += ["--output", str(pages.resolve())]
    return subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def switches(env: dict[str, str]) -> str:
    """As one would write them before a command."""
    return " ".join(f"{name}={value}" for name, value in env.items()) or "as it is"
