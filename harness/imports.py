"""`python -m harness.imports`: start the target once and see what each of its imports costs."""

from __future__ import annotations

import argparse
import contextlib
import json
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from harness.exit_code import exit_code
from harness.health import wait_until_healthy
from harness.hosts import is_loopback
from harness.inside import Inside
from harness.target import ROOT, StartedTarget, TargetChoice, choose_target
from rundir import ImportFiles, RunDirectory, create_run_directory, remove_unused
from rundir.layout import write_whole
from scenarios.errors import UsageError
from scenarios.loading import load_scenario
from scenarios.model import Scenario

DEMO = ROOT / "scenarios" / "demo.toml"
SETTLE_SECONDS = 1.0
DESCRIPTION = """\
Start the target as a run does, wait until it answers, stop it, and print what each import cost in
memory and time. For Python services on Linux; no load is sent."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 or 2 (bad input, or no Python told of its imports)."""
    options = parser().parse_args(arguments)
    return exit_code(
        lambda: imports(options.scenario, options.runs_dir, options.target, options.host),
        "interrupted; the target is stopped",
    )


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(
        prog="python -m harness.imports",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--scenario", type=Path, default=DEMO, metavar="FILE")
    command.add_argument("--target", metavar="COMMAND", help="else the scenario's command")
    command.add_argument("--host", metavar="URL", help="where it answers, on this machine")
    command.add_argument("--runs-dir", type=Path, default=Path("runs"), metavar="FOLDER")
    return command


def imports(file: Path, runs: Path, command: str | None, host: str | None) -> int:
    """The reports' exit code. Raises UsageError."""
    if not Path("/proc/self/statm").exists():
        raise UsageError("what imports cost is measured by Linux's /proc, which is not here")
    scenario = load_scenario(file)
    if host and not command:
        # HOST alone says where the scenario's command is to answer, not that it runs already.
        command = shlex.join(scenario.target.command)
    choice = choose_target(scenario, command=command, host=host)
    if not choice.command:
        raise UsageError(
            "imports are measured while the target starts: give TARGET='the command that starts"
            " it', or a scenario with target.command"
        )
    _check_is_here(choice.base_url)
    directory = _directory(runs, scenario.name)
    try:
        _measure(choice, scenario, directory)
    except UsageError:
        remove_unused(directory)
        raise
    return _report(directory)


def _measure(choice: TargetChoice, scenario: Scenario, directory: RunDirectory) -> None:
    say("starting the target: " + " ".join(choice.command))
    inside = Inside("no", imports=directory.path.resolve())
    target = StartedTarget(choice, scenario, directory.target_log, inside=inside)
    try:
        _wait(target, choice, scenario, directory)
        # What the service does right after its first answer belongs to its idle size, too.
        time.sleep(SETTLE_SECONDS)
        _keep_idle(directory, target.pid)
    finally:
        target.stop()


def _check_is_here(base_url: str) -> None:
    if base_url and not is_loopback(urlsplit(base_url).hostname or ""):
        raise UsageError(
            f"{base_url} is not this machine, where the target is started: give its address here,"
            " for instance HOST=http://127.0.0.1:8000"
        )


def _directory(runs: Path, name: str) -> RunDirectory:
    try:
        return create_run_directory(runs, f"{name}-imports")
    except OSError as error:
        raise UsageError(
            f"{runs}: no run directory can be made there ({error.strerror}); give another with"
            " --runs-dir"
        ) from None


def say(text: str) -> None:
    """Progress goes to stderr; stdout stays for the table."""
    print(text, file=sys.stderr, flush=True)


def _wait(
    target: StartedTarget, choice: TargetChoice, scenario: Scenario, directory: RunDirectory
) -> None:
    try:
        base_url = choice.base_url or target.wait_for_address(scenario)
        wait_until_healthy(
            base_url + scenario.target.health,
            scenario.target.health_timeout_seconds,
            say=say,
            gone=lambda: None if target.is_alive() else "see below",
            verify_tls=scenario.target.verify_tls,
        )
    except UsageError:
        if target.is_alive():
            raise
        words = ImportFiles(directory.path).words() or ["no output"]
        raise UsageError(f"the target exited before it answered: {words[-1]}") from None


def _keep_idle(directory: RunDirectory, pid: int) -> None:
    text = json.dumps({"processes": _family(pid)}, indent=1)
    write_whole(ImportFiles(directory.path).idle, text + "\n")


def _family(pid: int) -> list[dict[str, Any]]:
    """Those that live; a child may end while the others are looked at."""
    found: list[dict[str, Any]] = []
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                name, rss = process.name(), process.memory_info().rss
                found.append({"pid": process.pid, "name": name, "rss_bytes": rss})
    if not found:
        raise UsageError("the target went away after it had answered")
    return found


def _report(directory: RunDirectory) -> int:
    if not ImportFiles(directory.path).costs:
        raise UsageError(
            f"{directory.path}: no Python process told of its imports; is the target Python,"
            " started without -I, -E or -S, and not in a container?"
        )
    words = [sys.executable, "-m", "reports", "imports", str(directory.path.resolve())]
    return subprocess.run(words, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
