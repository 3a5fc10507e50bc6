"""Several worker counts under one limit: which carries most requests per second without a kill."""

from __future__ import annotations

import json
import re
import shlex
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.limits.choosing import choose_way
from harness.proving.replay import Done, Say, locust_words, mib, perform
from rundir.layout import write_whole
from scenarios.errors import UsageError
from scenarios.loading import load_scenario

WORKERS = re.compile(r"^(?:-w|--workers)(?:=(\d+))?$")


@dataclass(frozen=True, slots=True)
class Trial:
    """One worker count: bytes, milliseconds, requests per second; None: unknown."""

    workers: int
    survived: bool
    requests_per_second: float | None
    p95_ms: float | None
    peak_bytes: int | None
    pressure_some: float | None
    happenings: tuple[str, ...]
    run: str


def with_workers(command: tuple[str, ...], workers: int) -> tuple[str, ...]:
    """The command with that many workers. Raises UsageError where it takes none."""
    words = list(command)
    for index, word in enumerate(words):
        found = WORKERS.match(word)
        if found and found[1]:
            words[index] = f"{word.split('=')[0]}={workers}"
            return tuple(words)
        if found:
            return (*words[: index + 1], str(workers), *words[index + 2 :])
    if any(Path(word).name in ("gunicorn", "uvicorn", "granian", "hypercorn") for word in words):
        return (*words, "--workers", str(workers))
    raise UsageError(
        f"'{shlex.join(command)}' has no --workers to change; give TARGET='gunicorn ... -w 2'"
    )


def what_if(
    scenario_file: Path,
    counts: tuple[int, ...],
    limit: int,
    *,
    way: str,
    target: str | None,
    runs: Path,
    more: list[str],
    say: Say,
) -> int:
    """Run each count; 0 when one survives, 1 when none does. Raises UsageError."""
    scenario = load_scenario(scenario_file)
    command = tuple(shlex.split(target)) if target else scenario.target.command
    if not command:
        raise UsageError(f"{scenario_file}: no target.command; give TARGET='gunicorn app:app'")
    chosen = choose_way(way, command)
    commands = {count: with_workers(command, count) for count in counts}
    folder = runs / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{scenario.name}-what-if"
    trials = []
    for count, words in commands.items():
        say(f"{count} worker(s) under {mib(limit)} ({chosen.name})")
        locust = locust_words(scenario_file, folder)
        locust += ["--target-command", shlex.join(words), "--run-under", str(limit)]
        locust += ["--host", scenario.target.base_url]
        locust += ["--limit-way", chosen.name, *more]
        locust += ["--follows", f"what-if:{folder.name}"]
        done = perform(locust, folder, quiet=True, env={"WEB_CONCURRENCY": str(count)})
        trials.append(_trial(count, done))
    best = _best(trials)
    _show(trials, best)
    content = {
        "scenario": scenario.name,
        "limit_bytes": limit,
        "way": chosen.name,
        "made": time.time(),
        "best_workers": best.workers if best else None,
        "trials": [asdict(trial) for trial in trials],
    }
    write_whole(folder / "what_if.json", json.dumps(content, indent=1) + "\n")
    say(f"runs    {folder} (what_if.json)")
    if best is None:
        say(f"none of {', '.join(map(str, counts))} workers survives {mib(limit)}")
        return 1
    say(f"{best.workers} worker(s) carry most: {best.requests_per_second or 0:.1f} requests/s")
    return 0


def _trial(count: int, done: Done) -> Trial:
    report = done.report()
    under = report.get("under_limit") or {}
    told = tuple(under.get("happenings") or ())
    survived = bool(under.get("survived")) and not (report.get("run") or {}).get("partial")
    if not survived and not told:
        told = (done.complaint or "it did not run to its end",)
    return Trial(
        count,
        survived,
        done.figure("requests_per_second"),
        done.figure("p95_ms"),
        (report.get("sizing") or {}).get("peak_bytes"),
        (report.get("pressure") or {}).get("some"),
        told,
        done.directory.path.name if done.directory else "",
    )


def _best(trials: list[Trial]) -> Trial | None:
    alive = [trial for trial in trials if trial.survived]
    return max(alive, key=lambda trial: trial.requests_per_second or 0.0, default=None)


def _show(trials: list[Trial], best: Trial | None) -> None:
    table = Table("workers", "requests/s", "p95 ms", "peak", "waits for memory", "result")
    for trial in trials:
        rate, p95 = trial.requests_per_second, trial.p95_ms
        table.add_row(
            f"{trial.workers}{' *' if trial is best else ''}",
            "-" if rate is None else f"{rate:.1f}",
            "-" if p95 is None else f"{p95:.0f}",
            "-" if trial.peak_bytes is None else mib(trial.peak_bytes),
            "-" if trial.pressure_some is None else f"{100 * trial.pressure_some:.1f} %",
            "survived" if trial.survived else "; ".join(trial.happenings[:2]),
        )
    Console(highlight=False).print(table)
