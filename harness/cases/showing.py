"""Run a case before and after its fix, and have the reports compare both and write its page."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from harness.cases.sides import Shorter, run_side
from harness.proving.replay import ROOT, Done, Say
from scenarios.cases.filling import filled
from scenarios.cases.model import Case


@dataclass(frozen=True, slots=True)
class Places:
    """Where the runs go, and the folder of the page."""

    runs: Path
    pages: Path


def show_case(name: str, case: Case, places: Places, shorter: Shorter, say: Say) -> int:
    """0: the fix did what the case promises; 1: it did not. Raises UsageError."""
    started = time.monotonic()
    say(f"{name}, before: {switches(case.before.env)}")
    before = run_side(case, case.before, filled(case.before.env, {}), places.runs, shorter)
    env = filled(case.after.env, advised(before))
    say(f"\n{name}, after: {switches(env)}")
    after = run_side(case, case.after, env, places.runs, shorter)
    code = write_page(name, before, after, places.pages)
    for side, done in (("before", before), ("after", after)):
        say(f"{side:<7} {done.directory.path if done.directory else ''}")
    say(f"seconds {time.monotonic() - started:.0f}")
    return code


def advised(done: Done) -> dict[str, int | None]:
    """What the report of a run advises for gunicorn's options."""
    advice = (done.report().get("sizing") or {}).get("gunicorn") or {}
    return {"max_requests": advice.get("max_requests"), "jitter": advice.get("jitter")}


def write_page(name: str, before: Done, after: Done, pages: Path) -> int:
    """The exit code of `python -m reports case`, its output on ours."""
    words = [sys.executable, "-m", "reports", "case", name]
    words += [str(done.directory.path.resolve()) for done in (before, after) if done.directory]
    words += ["--output", str(pages.resolve())]
    return subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def switches(env: dict[str, str]) -> str:
    """As one would write them before a command."""
    return " ".join(f"{name}={value}" for name, value in env.items()) or "as it is"
