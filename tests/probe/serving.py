"""Starts the services of these tests on free ports of this machine."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from harness.free_port import free_port

ROOT = Path(__file__).parents[2]
TOKEN = "right"
DEBUG = "/api/v1/debug/"
SERVERS = {
    "fastapi": ["uvicorn", "--factory", "tests.probe.apps:fastapi_app", "--log-level", "warning"],
    "flask": ["gunicorn", "-w", "2", "--log-level", "warning", "tests.probe.apps:flask_app()"],
    "django": ["gunicorn", "-w", "2", "--log-level", "warning", "tests.probe.apps:django_app()"],
}


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: its main process, and a client without a token."""

    process: psutil.Process
    client: httpx.Client

    def ask(self, path: str, token: str | None = TOKEN, method: str = "GET") -> httpx.Response:
        """One of the debug endpoints."""
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return self.client.request(method, DEBUG + path, headers=headers)

    def workers(self) -> list[int]:
        """Pids of its children."""
        return [child.pid for child in self.process.children(recursive=True)]


@contextlib.contextmanager
def serving(name: str, *words: str, before: tuple[str, ...] = (), **env: str) -> Iterator[Served]:
    """Run one of SERVERS, with more words; `before` stands in front of its command."""
    port = free_port()
    command = [sys.executable, *before, *([] if before else ["-m"]), *SERVERS[name], *words]
    if before:
        command = [sys.executable, *before, sys.executable, "-m", *SERVERS[name], *words]
    server = SERVERS[name][0]
    command += ["--port", str(port)] if server == "uvicorn" else ["-b", f"127.0.0.1:{port}"]
    command += ["--no-control-socket"] if server == "gunicorn" else []
    given: dict[str, Any] = {**os.environ, "PLIMSOLL_PROBE_TOKEN": TOKEN, **env}
    process = psutil.Popen(command, cwd=ROOT, env=given)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            _wait(process, client)
            yield Served(process, client)
    finally:
        process.terminate()
        with contextlib.suppress(psutil.TimeoutExpired, subprocess.TimeoutExpired):
            process.wait(timeout=10)
        if process.is_running():
            process.kill()


def _wait(process: psutil.Popen, client: httpx.Client) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended"
        with contextlib.suppress(httpx.TransportError):
            client.get("/")
            return
        time.sleep(0.05)
    raise AssertionError("the service did not come up")
