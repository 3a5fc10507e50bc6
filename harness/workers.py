"""Which of Locust's workers carry the load, and which were lost or joined in mid-run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from locust import runners
from locust.runners import STATE_MISSING, MasterRunner

REPORT_SECONDS = 1.0


def report_often() -> None:
    """In a worker: tell the master every second, as memory is told; Locust's own is three."""
    runners.WORKER_REPORT_INTERVAL = REPORT_SECONDS


class Workers:
    """Compares the master's workers from look to look; elsewhere there are none to lose."""

    def __init__(self, runner: Any) -> None:
        self._runner = runner if isinstance(runner, MasterRunner) else None
        self._before = self._now()

    def changes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Events since the last look: their name and fields."""
        before, self._before = self._before, self._now()
        left = len(self._before)
        for worker in sorted(before - self._before):
            yield "worker_lost", {"worker": worker, "left": left}
        for worker in sorted(self._before - before):
            yield "worker_joined", {"worker": worker, "left": left}

    def _now(self) -> set[str]:
        if self._runner is None:
            return set()
        # One that stops between two phases is not lost: only silence, or leaving, counts.
        return {one.id for one in self._runner.clients.all if one.state != STATE_MISSING}
