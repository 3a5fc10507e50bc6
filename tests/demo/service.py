"""A demo service in processes of its own, for the tests."""

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

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 60.0

HEAVY = "/api/trpc/search.query"
MEDIUM = "/strategies/momentum"
LIGHT = "/api/courses"


@dataclass(frozen=True)
class Service:
    """A running demo service: its server's process and a client for it."""

    process: psutil.Process
    client: httpx.Client

    def rss_bytes(self) -> int:
        """Return the resident set of the server's process in bytes."""
        return int(self.process.memory_info().rss)

    def get(self, path: str, times: int = 1) -> list[int]:
        """Ask times times, one after another, and return the status codes."""
        return [self.client.get(path).status_code for _ in range(times)]

    def growth_bytes(self, path: str, times: int) -> int:
        """Return by how many bytes times requests raise the resident set."""
        before = self.rss_bytes()
        assert set(self.get(path, times)) == {200}
        return self.rss_bytes() - before

    def counters(self) -> dict[str, Any]:
        """Return the counters of GET /demo/switches."""
        counters: dict[str, Any] = self.client.get("/demo/switches").json()["counters"]
        return counters

    def forget_peak(self) -> None:
        """Set VmHWM back to the present resident set."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak_bytes(self) -> int:
        """Return VmHWM in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def environment(switches: dict[str, str]) -> dict[str, str]:
    """Return our environment with these DEMO_ switches and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DEMO_")}
    return {**kept, **switches}


def _wait_until_up(process: psutil.Popen, client: httpx.Client) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the demo service ended before it was up"
        with contextlib.suppress(httpx.TransportError):
            if client.get("/health").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the demo service did not come up")


@contextlib.contextmanager
def _serving(command: list[str], port: int, switches: dict[str, str]) -> Iterator[Service]:
    process = psutil.Popen(command, cwd=_ROOT, env=environment(switches))
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            _wait_until_up(process, client)
            yield Service(process, client)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except (subprocess.TimeoutExpired, psutil.TimeoutExpired):
            process.kill()
            process.wait()


@contextlib.contextmanager
def uvicorn(**switches: str) -> Iterator[Service]:
    """Run the demo service in one process, with these switches."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "demo.app:app", "--port", str(port)]
    with _serving([*command, "--log-level", "warning"], port, switches) as service:
        yield service


@contextlib.contextmanager
def gunicorn(**switches: str) -> Iterator[Service]:
    """Run the demo service under gunicorn with two workers, with these switches."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "demo.app:app", "-w", "2"]
    command += ["-k", "uvicorn_worker.UvicornWorker", "-b", f"127.0.0.1:{port}"]
    command += ["--no-control-socket"]  # it would lie in the home directory
    with _serving([*command, "--log-level", "warning"], port, switches) as service:
        yield service
