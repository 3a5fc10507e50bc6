"""The smallest limit that a target survives under a short load with the same peak."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.limits.choosing import choose_way
from harness.proving.bisection import BudgetSpent, Found, smallest_survived
from harness.proving.replay import ROOT, Done, Replay, Say, mib, perform, replay_of
from rundir.layout import write_whole
from scenarios.errors import UsageError

SAME_PEAK = 0.95
SHORTEST_SECONDS = 15.0
SLOWER = 1.5
FAILED = 0.01
"""Share of failed requests over that of the run without a limit: not survived."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Resolution in bytes, how many runs and seconds at most, repeats at the edge, and the way."""

    resolution: int
    runs: int
    seconds: float
    repeats: int
    way: str


@dataclass(frozen=True, slots=True)
class Step:
    """One try, as limit_curve.json keeps it (see reports.findings.LimitStep)."""

    limit_bytes: int | None
    survived: bool
    p95_ms: float | None
    pressure_some: float | None
    requests_per_second: float | None
    happenings: tuple[str, ...]
    run: str
    crawls: bool = False


@dataclass(slots=True)
class Search:
    """The runs of one search, in a folder beside the run."""

    replay: Replay
    settings: Settings
    folder: Path
    say: Say
    started: float = field(default_factory=time.monotonic)
    steps: list[Step] = field(default_factory=list)
    failed_without: float = 0.0

    def reference(self, wanted_peak: int) -> int:
        """Runs without a limit, longer until the run's peak is reached; returns the peak, bytes."""
        seconds = SHORTEST_SECONDS
        while True:
            short = self.replay.shortened(min(seconds, self.replay.load))
            done = perform(
                short.words(self.folder, "--follows", self._follows()), self.folder, quiet=True
            )
            report = done.report()
            peak = (report.get("sizing") or {}).get("peak_bytes")
            if not peak:
                raise UsageError(f"the short load without a limit gave no peak; {done.complaint}")
            whole = seconds >= self.replay.load
            if peak >= SAME_PEAK * wanted_peak or whole:
                self.replay = short
                self.failed_without = done.figure("failure_rate") or 0.0
                self.steps.append(_step(None, done, survived=True))
                self.say(f"without a limit: peak {mib(peak)} in {short.load:.0f} s of load")
                return max(int(peak), wanted_peak if whole else 0)
            seconds *= 2

    def survives(self, limit: int) -> bool:
        """One run under the limit. Raises BudgetSpent."""
        if len(self.steps) > self.settings.runs:
            raise BudgetSpent
        if time.monotonic() - self.started > self.settings.seconds:
            raise BudgetSpent
        words = self.replay.words(
            self.folder, "--run-under", str(limit), "--limit-way", self.settings.way,
            "--follows", self._follows(),
        )  # fmt: skip
        done = perform(words, self.folder, quiet=True)
        step = _step(limit, done, survived=_survived(done, self.failed_without))
        self.steps.append(step)
        word = "survived" if step.survived else "not survived"
        self.say(f"{mib(limit):>10s}  {word}  {'; '.join(step.happenings[:1])}".rstrip())
        return step.survived

    def _follows(self) -> str:
        return f"find-limit:{self.replay.run.path.name}"


def find_limit(run: Path, settings: Settings, say: Say) -> int:
    """Search, keep every step, write the curve and the run's report again. Raises UsageError."""
    replay = replay_of(run)
    way = choose_way(settings.way, replay.target_command)
    settings = replace(settings, way=way.name)
    peak = _peak_of(run)
    folder = run.parent / f"{run.name}-find-limit"
    say(f"finding the smallest limit for {run} by steps of {mib(settings.resolution)} ({way.name})")
    search = Search(replay, settings, folder, say)
    peak = search.reference(peak)
    found = smallest_survived(
        search.survives,
        fails=0,
        guess=peak,
        resolution=settings.resolution,
        repeats=settings.repeats,
        ceiling=4 * peak,
    )
    write_whole(replay.run.limit_curve, json.dumps(_content(search, found), indent=1) + "\n")
    _report_again(run)
    return _tell(found, search, say)


def _peak_of(run: Path) -> int:
    try:
        peak = json.loads((run / "report.json").read_text())["sizing"]["peak_bytes"]
    except (OSError, ValueError, KeyError, TypeError):
        peak = None
    if not peak:
        raise UsageError(f"{run}: its report knows no peak; make report RUN={run}")
    return int(peak)


def _survived(done: Done, failed_without: float) -> bool:
    """No kill, no death, no lost worker, and no failures beyond those without a limit."""
    report = done.report()
    under = report.get("under_limit") or {}
    if done.directory is None or not under.get("survived"):
        return False
    failed = done.figure("failure_rate") or 0.0
    return failed <= failed_without + FAILED and not report["run"]["partial"]


def _step(limit: int | None, done: Done, *, survived: bool) -> Step:
    report = done.report()
    under = report.get("under_limit") or {}
    told = tuple(under.get("happenings") or ())
    if not survived and not told:
        told = (done.complaint or "requests failed, or the run did not end",)
    return Step(
        limit,
        survived,
        done.figure("p95_ms"),
        (report.get("pressure") or {}).get("some"),
        done.figure("requests_per_second"),
        told,
        done.directory.path.name if done.directory else "",
        bool(under.get("crawls")),
    )


def knee(steps: list[Step]) -> int | None:
    """The smallest limit from which upwards neither p95 nor memory stalls suffer; bytes."""
    without = next((step for step in steps if step.limit_bytes is None), None)
    base = without.p95_ms if without else None
    found = None
    for limit in sorted({s.limit_bytes for s in steps if s.limit_bytes is not None}, reverse=True):
        if any(_suffers(step, base) for step in steps if step.limit_bytes == limit):
            break
        found = limit
    return found


def _suffers(step: Step, base_p95: float | None) -> bool:
    slow = base_p95 is not None and step.p95_ms is not None and step.p95_ms > SLOWER * base_p95 + 1
    return not step.survived or slow or step.crawls


def _content(search: Search, found: Found) -> dict[str, Any]:
    limits = sorted(s.limit_bytes for s in search.steps if s.limit_bytes is not None)
    notes = [
        f"a load of {search.replay.load:.0f} s, {search.replay.users} users; {len(limits)} runs"
        f" under a limit ({search.settings.way}), those near the edge repeated"
    ]
    if found.minimum is None or found.minimum - (found.fails or 0) > search.settings.resolution:
        notes.append("the budget of runs or minutes ended before the resolution was reached")
    return {
        "resolution_bytes": search.settings.resolution,
        "minimum_bytes": found.minimum,
        "fails_bytes": found.fails or None,
        "knee_bytes": knee(search.steps),
        "steps": [asdict(step) for step in search.steps],
        "notes": notes,
    }


def _tell(found: Found, search: Search, say: Say) -> int:
    if found.minimum is None:
        say("no limit was survived within the budget; raise --runs or --minutes")
        return 1
    say(f"smallest limit survived: {mib(found.minimum)}; not survived: {mib(found.fails or 0)}")
    bend = knee(search.steps)
    if bend is not None and bend > found.minimum:
        say(f"below {mib(bend)} it survives, but answers slower or waits for memory")
    say(f"report  {search.replay.run.report_html}")
    return 0


def _report_again(run: Path) -> None:
    words = [sys.executable, "-m", "reports", str(run.resolve())]
    subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
