"""Starts the sidecar and keeps its lifeline."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memory_sidecar.client import SidecarClient
from rundir import RunClock
from scenarios.errors import UsageError

TOKEN_VARIABLE = "PLIMSOLL_SIDECAR_TOKEN"  # noqa: S105 - the variable's name, not a token
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class SidecarSettings:
    """What the sidecar is told: whom to watch, how often (seconds), where to write.

    `components`: the map by which traced memory is grouped; None: nothing is traced.
    """

    pid: int
    interval_seconds: float
    run_directory: Path
    clock: RunClock
    limit: str | None = None
    source: str = "auto"
    follow_name: str | None = None
    inside: str = "auto"
    heap_snapshots: bool = False
    components: Mapping[str, Sequence[str]] | None = None
    restart_timeout_seconds: float | None = None


class SidecarProcess:
    """One running sidecar; `client` speaks to it."""

    def __init__(self, settings: SidecarSettings) -> None:
        """Start it and wait until it answers. Raises UsageError with its own words if it cannot."""
        self.settings = settings
        token = secrets.token_urlsafe(24)
        words = [sys.executable, "-m", "memory_sidecar", "--pid", str(settings.pid)]
        words += ["--interval", str(settings.interval_seconds), "--serve", "0", "--owned"]
        words += ["--run-dir", str(settings.run_directory.resolve())]
        words += ["--clock", str(settings.clock), "--source", settings.source]
        if settings.limit:
            words += ["--limit", settings.limit]
        if settings.follow_name:
            words += ["--follow-name", settings.follow_name]
        if settings.restart_timeout_seconds is not None:
            words += ["--restart-timeout", str(settings.restart_timeout_seconds)]
        words += ["--inside", settings.inside]
        words += ["--heap-snapshots"] if settings.heap_snapshots else []
        if settings.components is not None:
            words += ["--components", json.dumps(settings.components)]
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd=ROOT,
            env=os.environ | {TOKEN_VARIABLE: token},
        )
        first = self._line()
        if first is None or "url" not in first:
            raise UsageError(f"the sidecar cannot start: {self._complaint()}")
        self.pid = self._process.pid
        self.client = SidecarClient(str(first["url"]), token)

    def _line(self) -> dict[str, Any] | None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        line = self._process.stdout.readline()
        content: dict[str, Any] | None = json.loads(line) if line else None
        return content

    def _complaint(self) -> str:
        assert self._process.stderr is not None  # noqa: S101
        self._process.wait(timeout=5.0)
        lines = self._process.stderr.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self._process.returncode}"

    def listen(self, on_alert: Callable[[str], None]) -> int:
        """Pass on alerts until the sidecar ends; returns its exit code (negative: a signal)."""
        while True:
            words = self._line()
            if words is None:
                return self._process.wait()
            if "alert" in words:
                on_alert(str(words["alert"].get("text", words["alert"])))

    def end(self, timeout_seconds: float = 5.0) -> tuple[int, str]:
        """Wait for the exit after a stop; exit code and the last line it wrote on stderr."""
        if hasattr(signal, "SIGCONT"):
            # One that was paused is woken, so that it writes what it has.
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGCONT)
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            code = self._process.wait(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        assert self._process.stderr is not None  # noqa: S101
        lines = self._process.stderr.read().decode(errors="replace").strip().splitlines()
        return code, lines[-1] if lines else ""
