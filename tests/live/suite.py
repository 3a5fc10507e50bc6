"""Runs the suite as a user does: the real locust command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from harness.free_port import free_port

ROOT = Path(__file__).parents[2]
WORKERS = 2
SHORT = ("--baseline", "2", "--load", "4", "--cooldown", "2", "--users", "4", "--spawn-rate", "4")


def command(*words: str, runs: Path) -> list[str]:
    """The command behind `make headless-test`, writing below `runs`."""
    locust = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless"]
    return [*locust, "--loglevel", "WARNING", "--runs-dir", str(runs), *words]


def run(*words: str, runs: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end; output as text."""
    return subprocess.run(
        command(*words, runs=runs),
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def run_with_workers(
    *words: str, runs: Path, scenario: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """A master without users of its own and WORKERS workers, each a process."""
    port = str(free_port())
    chosen = ("--scenario", scenario) if scenario else ()
    worker = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--worker", *chosen]
    started = [
        subprocess.Popen(
            [*worker, "--loglevel", "ERROR", "--master-port", port],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(WORKERS)
    ]
    master = ("--master", "--master-bind-port", port, "--expect-workers", str(WORKERS))
    try:
        return run(*chosen, *words, *master, runs=runs, **env)
    finally:
        for one in started:
            one.terminate()
            one.wait(timeout=20)


def start(*words: str, runs: Path, **env: str) -> subprocess.Popen[str]:
    """Start it and let it run."""
    return subprocess.Popen(
        command(*words, runs=runs),
        cwd=ROOT,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def only_run(runs: Path) -> Path:
    """The one run directory below `runs`."""
    (directory,) = [path for path in runs.iterdir() if path.is_dir()]
    return directory
