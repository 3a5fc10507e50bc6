"""Starts the Node service for a test; its packages are installed once, beside package.json."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

HERE = Path(__file__).resolve().parent
LOCK = HERE / "package-lock.json"
MODULES = HERE / "node_modules"
INSTALLED = MODULES / ".installed-lock.json"
GREETING = "listening on "


@dataclass(frozen=True, slots=True)
class NodeService:
    """A running service: its address without a slash at the end, and its process."""

    url: str
    pid: int

    def get(self, path: str) -> Any:
        """The JSON behind a path. Raises urllib.error.HTTPError."""
        with urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def node_service(**env: str) -> Iterator[NodeService]:
    """Run it on a free port until the block ends; `env` switches its leak.

    Skips the test where node or npm is missing. Raises RuntimeError where it does not start.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip(f"{'npm' if node else 'node'} is not installed")
    _install(npm)
    process = _start(node, env)
    try:
        yield NodeService(_address(process), process.pid)
    finally:
        process.kill()
        process.communicate()


def _install(npm: str) -> None:
    """Raises subprocess.CalledProcessError."""
    # Test processes run side by side: the second one waits and finds it done.
    with (HERE / ".installing").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if INSTALLED.exists() and INSTALLED.read_bytes() == LOCK.read_bytes():
            return
        words = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(words, cwd=HERE, check=True)
        shutil.copy(LOCK, INSTALLED)


def _start(node: str, env: dict[str, str]) -> subprocess.Popen[str]:
    # The port of the inspector, which opens at SIGUSR1 only: a free one.
    words = [node, "--inspect-port=0", str(HERE / "server.mjs")]
    return subprocess.Popen(
        words, env=os.environ | {"PORT": "0"} | env, stdout=subprocess.PIPE, text=True
    )


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith(GREETING):
        raise RuntimeError(f"the Node service did not start: {line.strip() or 'it said nothing'}")
    return line.removeprefix(GREETING).strip()
