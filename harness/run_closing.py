"""Closes and reports a run that is over, while Locust goes on."""

from __future__ import annotations

import gevent

from harness.report_process import write_report
from harness.run import Run
from harness.target_under_test import TargetUnderTest


class RunClosing:
    """One run after the other; `exit_code` is that of the last one's report."""

    def __init__(self, target: TargetUnderTest) -> None:
        self._target = target
        self._closing: gevent.Greenlet[..., None] | None = None
        self.exit_code = 0

    def begin(self, run: Run, reason: str) -> None:
        """Take leave of it without waiting: a greenlet of its own does the rest."""
        run.live.state = "reporting"
        self._closing = gevent.spawn(self._close, run, reason)

    def _close(self, run: Run, reason: str) -> None:
        complete = run.end(reason)
        self._target.copy_log(run.directory)
        self.exit_code = write_report(run.directory.path)
        run.live.state, run.live.reason = "ended", reason
        if not complete:
            self.exit_code = 2

    def wait(self) -> None:
        """Until the run that was over last is closed and reported."""
        if self._closing:
            self._closing.get()
