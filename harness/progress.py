"""What a person sees while a run goes on: one live line, or plain lines without a terminal."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.text import Text

PLAIN_EVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment: phase, seconds left in it and in the run, load and memory (bytes)."""

    phase: str
    phase_seconds_left: float
    seconds_left: float
    users: int
    requests_per_second: float
    failures: int
    memory_bytes: int | None
    peak_bytes: int | None
    limit_bytes: int | None
    requests: int = 0

    def line(self) -> str:
        """The moment in words, with units."""
        parts = [
            f"{self.phase:<10}",
            f"{self.phase_seconds_left:4.0f} s left ({self.seconds_left:.0f} s in all)",
            f"{self.users:3d} users",
            f"{self.requests_per_second:7.1f} requests/s",
            f"{self.failures} failures",
            f"memory {mib(self.memory_bytes)}, peak {mib(self.peak_bytes)}",
        ]
        if self.limit_bytes:
            parts.append(f"of {mib(self.limit_bytes)}")
        return "  ".join(parts)


def mib(size_bytes: int | None) -> str:
    """A size for people."""
    return "unknown" if size_bytes is None else f"{size_bytes / 2**20:,.1f} MiB"


class ProgressDisplay:
    """Shows moments and messages on stderr; stdout stays for results."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._live: Live | None = None
        self._last_plain = 0.0
        self._last_phase = ""

    def say(self, message: str) -> None:
        """One line that stays."""
        self._console.print(Text(message))

    def show(self, moment: Progress) -> None:
        """The live line, or every few seconds (and at a new phase) a plain one."""
        if self._console.is_terminal:
            if self._live is None:
                self._live = Live(console=self._console, auto_refresh=False, transient=True)
                self._live.start()
            self._live.update(Text(moment.line()), refresh=True)
            return
        now = time.monotonic()
        if moment.phase != self._last_phase or now - self._last_plain >= PLAIN_EVERY_SECONDS:
            self._last_phase, self._last_plain = moment.phase, now
            self._console.print(Text(moment.line()))

    def close(self) -> None:
        """Take the live line away."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        sys.stderr.flush()
