"""What a run was, as the words that repeat it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rundir import RunDirectory
from scenarios.errors import UsageError
from scenarios.loading import load_scenario

ROOT = Path(__file__).resolve().parents[2]
MIB = 2**20


Say = Callable[[str], None]
"""Tells progress, one line a call."""


def locust_words(scenario: Path, runs: Path) -> list[str]:
    """The beginning of every run here: headless, this scenario, below `runs`."""
    words = [sys.executable, "-m", "locust", "-f", str(ROOT / "locustfile.py"), "--headless"]
    return [*words, "--loglevel", "WARNING", "--scenario", str(scenario), "--runs-dir", str(runs)]


@dataclass(frozen=True, slots=True)
class Replay:
    """One run's scenario, target and plan. Seconds, users, users per second."""

    run: RunDirectory
    target_command: tuple[str, ...]
    scenario: Path
    command: str | None
    host: str | None
    kind: str
    baseline: float
    load: float
    cooldown: float
    users: int
    spawn_rate: float
    steps: int
    inside: str = "auto"
    max_rps: float | None = None

    def shortened(self, load_seconds: float) -> Replay:
        """One steady load of that length that reaches the same users."""
        ramp = self.users / self.spawn_rate
        return replace(
            self,
            kind="steady",
            baseline=min(self.baseline, 2.0),
            load=max(load_seconds, ramp + 1.0),
            cooldown=min(self.cooldown, 2.0),
        )

    def words(self, runs: Path, *more: str) -> list[str]:
        """The Locust command that runs it, below `runs`."""
        words = locust_words(self.scenario, runs)
        words += ["--plan", self.kind, "--steps", str(self.steps)]
        words += ["--baseline", f"{self.baseline:g}", "--load", f"{self.load:g}"]
        words += ["--cooldown", f"{self.cooldown:g}", "--users", str(self.users)]
        words += ["--spawn-rate", f"{self.spawn_rate:g}"]
        words += ["--target-command", self.command] if self.command else []
        words += ["--host", self.host] if self.host else []
        # With the same probe inside, so that it holds as much as it did.
        words += ["--inside", self.inside]
        words += ["--max-rps", f"{self.max_rps:g}"] if self.max_rps else []
        # What a limit does to the service is the question: no guard may end such a run.
        words += ["--max-users", str(self.users), "--stop-error-rate", "1", "--stop-memory", "1"]
        return [*words, *more]


def replay_of(path: Path) -> Replay:
    """Read it from run.json. Raises UsageError for a run that cannot be repeated."""
    run = RunDirectory(path)
    try:
        record = run.read_run_json()
        target, plan, scenario = record["target"], record["plan"], record["scenario"]
        phases, found_by = plan["phases"], target["found_by"]
        users = max(int(phase["users"]) for phase in phases)
        rate = max(float(p["spawn_rate"]) for p in phases if p["users"] == users)
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = "no such run directory" if isinstance(error, FileNotFoundError) else f"{error!r}"
        raise UsageError(f"{path}: run.json cannot be read ({why}); give RUN=runs/...") from None
    if found_by != "command" or not target.get("command"):
        raise UsageError(
            f"{path}: its target was running already (found by {found_by}); to put it under a limit"
            " the suite must start it: run again with TARGET='command that starts it', or a"
            " scenario with target.command"
        )
    if plan["kind"] == "manual" or not phases:
        raise UsageError(f"{path}: a run by hand has no plan that could be repeated")
    if plan["kind"] == "connections":
        raise UsageError(
            f"{path}: a run of open connections is not repeated under a limit by itself; do it with"
            " make connections ... UNDER=512MiB"
        )
    file = Path(scenario["path"])
    inside = str((record.get("inside") or {}).get("choice") or "auto")
    replay = _with_plan(
        Replay(
            run, tuple(target["command"]), file, None, None, plan["kind"], 0, 0, 0, users, rate, 5
        ),
        phases,
        target,
        inside,
    )
    return replace(replay, max_rps=(record.get("guards") or {}).get("max_rps"))


def _with_plan(
    base: Replay, phases: list[dict[str, Any]], target: dict[str, Any], inside: str
) -> Replay:
    loaded = [phase for phase in phases if phase["users"]]
    seconds = [float(phase["seconds"]) for phase in loaded]
    load = seconds[0] if base.kind == "two-wave" else sum(seconds)
    command, host = None, None
    if not load_scenario(base.scenario).target.command:
        # Started by TARGET=, with the address that it then had.
        command, host = shlex.join(target["command"]), target.get("base_url")
    return replace(
        base,
        command=command,
        host=host,
        baseline=float(phases[0]["seconds"]),
        load=load,
        cooldown=float(phases[-1]["seconds"]),
        steps=max(2, len(loaded)),
        inside=inside,
    )


@dataclass(frozen=True, slots=True)
class Done:
    """A run that ended: its directory (None: it did not begin), exit code, and last words."""

    directory: RunDirectory | None
    exit_code: int
    complaint: str

    def report(self) -> dict[str, Any]:
        """Its report.json; empty where there is none."""
        try:
            text = self.directory.report_json.read_text(encoding="utf-8") if self.directory else ""
            content: dict[str, Any] = json.loads(text)
        except (OSError, ValueError):
            return {}
        return content

    def figure(self, name: str) -> float | None:
        """One of its measured figures, in the unit that report.json says."""
        value = ((self.report().get("measured") or {}).get(name) or {}).get("value")
        return None if value is None else float(value)


def perform(
    words: list[str], runs: Path, *, quiet: bool, env: dict[str, str] | None = None
) -> Done:
    """Run Locust to its end; `quiet` keeps its report to itself, its progress is shown.

    Raises UsageError where `runs` is no folder and cannot become one.
    """
    try:
        runs.mkdir(parents=True, exist_ok=True)
        before = {path.name for path in runs.iterdir()}
    except OSError as error:
        raise UsageError(f"--runs-dir {runs}: {error.strerror}; name a folder") from None
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.PIPE if quiet else None,
        text=True,
        env={**os.environ, **(env or {})},
    )
    _, complaint = process.communicate()
    new = [p for p in runs.iterdir() if p.name not in before and (p / "run.json").exists()]
    directory = RunDirectory(max(new, key=lambda path: path.name)) if new else None
    lines = [line for line in (complaint or "").splitlines() if line.startswith("error:")]
    return Done(directory, process.returncode, lines[0] if lines else "")


def mib(size_bytes: float) -> str:
    """A size for people."""
    return f"{size_bytes / MIB:,.0f} MiB"
