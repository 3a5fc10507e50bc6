"""The project's own compose file on a real engine: one stack of containers for one test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.limits import docker_container

ROOT = Path(__file__).parents[2]
BASE = "python:3.11-slim-bookworm"
IMAGE = "plimsoll-tests"
# Neither root nor the image's own user: what is written must belong to whoever asked for it.
CALLER = 12345
PATIENCE = 120.0
PUBLISHED_SECONDS = 30.0
SOME_SECONDS = 4.0
SHORT = {"BASELINE": "3", "LOAD": "10", "COOLDOWN": "3", "USERS": "8", "SPAWN_RATE": "8"}


def docker(*words: str, check: bool = True) -> str:
    """What it prints, both streams."""
    done = subprocess.run(
        ["docker", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0 or not check, f"docker {' '.join(words)}: {done.stdout}"
    return done.stdout.strip()


def composes() -> list[list[str]]:
    """Both generations, as far as they are there."""
    both = (["docker", "compose"], ["docker-compose"])
    return [
        words
        for words in both
        if shutil.which(words[0])
        and not subprocess.run([*words, "version"], capture_output=True, check=False).returncode
    ]


def why_not() -> str:
    """Why nothing of this can run here; empty where it can."""
    refused = docker_container.refusal()
    if refused:
        return refused
    if subprocess.run(
        ["docker", "image", "inspect", BASE], capture_output=True, check=False
    ).returncode:
        return f"no image {BASE}"
    return "" if composes() else "no docker-compose"


needs_engine = [
    pytest.mark.docker,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(why_not()), reason=f"no Docker here: {why_not()[:100]}"),
]


def build(tag: str, folder: Path = ROOT) -> None:
    """As anybody builds it: no option but the name."""
    docker("build", "--quiet", "--tag", tag, str(folder))


class Stack:
    """One project; `runs` is its folder of run directories on this machine."""

    def __init__(self, folder: Path, *files: Path, compose: list[str], **settings: str) -> None:
        # Which service is the master, and which profile it is in, have the same name but for demo.
        profile = settings.get("COMPOSE_PROFILES", "headless")
        self.master = {"demo": "master"}.get(profile, profile)
        self.runs = folder / "runs"
        self.runs.mkdir(exist_ok=True)
        os.chown(self.runs, CALLER, CALLER)
        self._name = f"plimsoll-{uuid.uuid4().hex[:8]}"
        self._env = os.environ | SHORT | {
            "COMPOSE_PROJECT_NAME": self._name,
            "COMPOSE_PROFILES": "headless",
            "PLIMSOLL_IMAGE": IMAGE,
            "PLIMSOLL_UID": str(CALLER),
            "PLIMSOLL_GID": str(CALLER),
            "RUNS_DIR": str(self.runs),
        } | settings  # fmt: skip
        chosen = [word for file in (ROOT / "docker-compose.yml", *files) for word in ("-f", file)]
        self._compose = [*compose, *map(str, chosen)]

    def compose(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            [*self._compose, *words],
            cwd=ROOT, env=self._env, text=True, check=False, timeout=PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0 or not check, f"{done.stdout}\n{self.logs()}"
        return done.stdout.strip()

    def up(self, *services: str) -> None:
        """All of the profile, or these services."""
        self.compose("up", "-d", *(services or ("--scale", "worker=2")))

    def down(self) -> None:
        self.compose("down", "-v", "--timeout", "5", check=False)

    def logs(self) -> str:
        return self.compose("logs", "--tail", "40", check=False)

    def ids(self, service: str) -> list[str]:
        """Its containers, also those that have ended."""
        return docker(
            "ps", "-aq", "--no-trunc",
            "--filter", f"label=com.docker.compose.project={self._name}",
            "--filter", f"label=com.docker.compose.service={service}",
        ).split()  # fmt: skip

    def id(self, service: str) -> str:
        (one,) = self.ids(service)
        return one

    def state(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            docker("inspect", "--format", "{{json .State}}", self.id(service))
        )
        return found

    @property
    def network(self) -> str:
        return f"{self._name}_default"

    def events(self) -> list[dict[str, Any]]:
        """Of the run so far, as the master has them."""
        files = list(self.runs.glob("*/events.jsonl"))
        lines = files[0].read_text().splitlines() if files else []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def wait_for(self, what: str, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        assert _comes(condition, seconds), f"{what} did not come\n{self.logs()}"

    def reach(self, service: str, answers: Callable[[], bool]) -> None:
        """Until its published port answers.

        The engine has once forwarded nothing to a service that was listening: it publishes anew
        then, for that is not what is tested here.
        """
        if not _comes(answers, PUBLISHED_SECONDS):
            self.compose("up", "-d", "--force-recreate", "--no-deps", service)
            self.wait_for(f"{service} ({docker('ps', '--no-trunc')})", answers)

    def wait_for_load(self) -> None:
        """Until the load has gone on for some seconds."""
        self.wait_for("load", self._is_under_load)

    def _is_under_load(self) -> bool:
        started = [e for e in self.events() if e["name"] == "phase_started"]
        return bool(started) and started[-1]["phase"] == "load" and _age(started[-1]) > SOME_SECONDS

    def end(self) -> tuple[int, str]:
        """The master's exit code and what it printed, once it has ended."""
        self.wait_for("the end", lambda: self.state(self.master)["Status"] == "exited")
        return int(self.state(self.master)["ExitCode"]), docker("logs", self.id(self.master))

    def run(self) -> Path:
        (directory,) = self.runs.iterdir()
        return directory

    def report(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.run() / "report.json").read_text())
        return content


@contextmanager
def stack(
    folder: Path,
    *files: Path,
    compose: list[str] | None = None,
    services: tuple[str, ...] = (),
    **settings: str,
) -> Iterator[Stack]:
    """Up while the test runs; nothing of it is left behind."""
    one = Stack(folder, *files, compose=compose or composes()[0], **settings)
    try:
        one.up(*services)
        yield one
    finally:
        one.down()


def _comes(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (came := condition()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return came


def _age(event: dict[str, Any]) -> float:
    return time.time() - float(event["time"])
