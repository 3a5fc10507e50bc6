"""The target of all runs of one Locust process: chosen, started or found, healthy, stopped."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gevent

from harness.health import wait_until_healthy
from harness.hosts import check_host
from harness.inside import Inside
from harness.sidecar_process import SidecarSettings
from harness.sidecars.choosing import remote_of
from harness.sidecars.local import LocalSidecar
from harness.sidecars.watching import Begin
from harness.target import (
    StartedTarget,
    TargetChoice,
    choose_target,
    find_pid,
    under_limit,
)
from rundir import RunClock, RunDirectory
from scenarios.errors import UsageError
from scenarios.model import Scenario


class TargetUnderTest:
    """`choice` says how to come by it; `started` is None unless it is ours, `pid` 0 if remote."""

    def __init__(
        self, scenario: Scenario, options: Any, inside: Inside, say: Callable[[str], None]
    ) -> None:
        """Choose it; nothing is started. Raises UsageError or memory_sidecar's TargetError."""
        self._scenario, self._options = scenario, options
        self.inside = inside
        self._say = say
        if options.host:
            check_host(options.host, options.allow_host)
        self.remote = remote_of(options)
        self.choice = self._choose()
        if self.choice.base_url:
            check_host(self.choice.base_url, options.allow_host)
        self.under = under_limit(options, self.choice)
        self.started: StartedTarget | None = None
        self.pid = 0
        self._log_start = 0

    def _choose(self) -> TargetChoice:
        options = self._options
        if self.remote:
            return self.remote.choice(self._scenario, options.host)
        return choose_target(
            self._scenario,
            host=options.host,
            pid=options.target_pid,
            port=options.target_port,
            name=options.target_name,
            command=options.target_command,
        )

    # -- before the first run

    def come_by(self, log: Path, on_exit: Callable[[], None]) -> None:
        """Start or find it, and wait until it is healthy; its output goes to `log`.

        `on_exit` is called once it has ended by itself. Raises UsageError or TargetError.
        """
        if self.choice.command:
            self._start(log, on_exit)
        elif self.remote:
            for warning in self.remote.check():
                self._say(warning)
        else:
            self.pid = find_pid(self.choice)
        self._wait_until_healthy()
        where = ", ".join(one.name for one in self.remote.addresses) if self.remote else ""
        who = f"measured by the sidecar(s) of {where}" if self.remote else f"pid {self.pid}"
        self._say(f"target is up: {self.choice.base_url}, {who}")

    def _start(self, log: Path, on_exit: Callable[[], None]) -> None:
        self._say("starting the target: " + " ".join(self.choice.command))
        started = StartedTarget(self.choice, self._scenario, log, self.under, self.inside)
        self.started, self.pid = started, started.pid
        gevent.spawn(_watch, started, on_exit)
        if not self.choice.base_url:
            address = started.wait_for_address(self._scenario)
            self.choice = TargetChoice(address, command=self.choice.command)

    def _wait_until_healthy(self) -> None:
        target = self._scenario.target
        try:
            wait_until_healthy(
                self.choice.base_url + target.health,
                self.inside.start_timeout(target.health_timeout_seconds),
                say=self._say,
                gone=self.why_gone,
                verify_tls=target.verify_tls,
                allowed=self._options.allow_host,
            )
        except UsageError as error:
            if self.under is None:
                raise
            size = self.under.limit.size_bytes / 2**20
            raise UsageError(f"the target does not start under {size:,.1f} MiB: {error}") from None

    # -- at each run

    def find_again(self) -> None:
        """One that is not ours may have another pid by now. Raises TargetError."""
        if self.started is None and self.remote is None:
            self.pid = find_pid(self.choice)

    def measuring(self, directory: RunDirectory, clock: RunClock) -> Begin:
        """What starts the measuring of one run."""
        if self.remote:
            return self.remote.begin(clock, self._options.sample_interval)
        settings = SidecarSettings(
            self.pid,
            self._options.sample_interval,
            directory.path,
            clock,
            self._options.memory_limit,
            self._options.memory_source,
            self.choice.name,
            self.inside.choice,
            self.inside.snapshots,
            self.inside.components,
            self._scenario.target.restart_timeout_seconds,
        )
        return partial(LocalSidecar, settings)

    def copy_log(self, directory: RunDirectory) -> None:
        """In the web UI one target serves several runs: each gets its stretch of the output."""
        if self.started is None or self.started.log == directory.target_log:
            if self.started:
                self._log_start = self.started.log.stat().st_size
            return
        with contextlib.suppress(OSError), self.started.log.open("rb") as log:
            log.seek(self._log_start)
            stretch = log.read()
            self._log_start += len(stretch)
            directory.target_log.write_bytes(stretch)

    # -- its end

    def why_gone(self) -> str | None:
        """How it ended by itself, and its last words; None as long as it has not."""
        started = self.started
        if started is None or not started.exited:
            return None
        how = f"signal {started.signal}" if started.signal else f"exit code {started.exit_code}"
        words = started.last_words()
        return f"{how}{'; its last words: ' + words if words else ''} (see {started.log})"

    def note_exit(self, note: Callable[..., None]) -> None:
        """The events of its end, for the run that it ended in."""
        started = self.started
        if started is None:
            return
        if started.killed_for_memory:
            # The container's group goes with its first process: only Docker still knows.
            note("oom_kill", pids=[started.pid], count=1, group=None)
        note(
            "process_exited",
            pid=started.pid,
            create_time=None,
            role="root",
            planned=False,
            exit_code=started.exit_code,
            signal=started.signal,
        )

    def stop(self) -> None:
        """End it with all its children, if it is ours."""
        if self.started:
            self.started.stop()


def _watch(started: StartedTarget, on_exit: Callable[[], None]) -> None:
    if started.wait_for_exit():
        on_exit()
