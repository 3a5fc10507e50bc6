"""One run after the other on one target; between two runs it is watched, and nothing is written."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from memory_sidecar.alerts import Alert
from memory_sidecar.errors import SidecarError
from memory_sidecar.sampler import Sampler
from memory_sidecar.service.resuming import clock_of, tell_restart
from memory_sidecar.watch import Watch
from rundir import RunClock, RunDirectory

IDLE_INTERVAL_SECONDS = 1.0
QUIET_SECONDS = 30.0
"""So long without a word from its generator, a run may be ended by the next one."""

ABANDONED_SECONDS = 3600.0
"""So long without a word, it is ended anyway: nobody will read what it still writes."""


class NotNow(SidecarError):
    """What is asked does not go with what goes on; the text says what does."""


@dataclass(slots=True)
class _Run:
    """The run in force; `heard`: when its generator last said something (monotonic s)."""

    name: str
    watch: Watch
    heard: float


class Runs:
    """Of one target. What is public may be called from any thread."""

    def __init__(self, options: argparse.Namespace, find: Callable[[], int]) -> None:
        """`find` gives the target's pid or raises TargetError."""
        self._options = options
        self._find = find
        self._folder: Path = options.run_dir
        self._lock = threading.RLock()
        self._idle: Watch | None = None
        self._run: _Run | None = None
        self._ending: threading.Thread | None = None
        self.complaints: dict[str, str] = {}

    @property
    def name(self) -> str | None:
        """Of the run that goes on."""
        return self._run.name if self._run else None

    @property
    def sampler(self) -> Sampler:
        """Of the run, or of the watch between two runs. SidecarError while there is no target."""
        watch = self._run.watch if self._run else self._idle
        if watch is None:
            raise SidecarError("the target is not there (yet)")
        return watch.sampler

    @property
    def state(self) -> str:
        """idle, sampling, or stopping."""
        if self._run is None:
            return "idle"
        return "stopping" if self._run.watch.stopping else "sampling"

    def directory(self, name: str) -> RunDirectory:
        """Where the run of that name is written."""
        return RunDirectory(self._folder / name)

    def has_ended(self, name: str) -> bool:
        """Whether nothing more is written of it."""
        return self.name != name

    def hear(self, name: str | None) -> None:
        """Its generator speaks. Raises NotNow where another run goes on, or none."""
        if self._run is None:
            raise NotNow("no run goes on: begin one with POST /v1/runs")
        if name is not None and name != self._run.name:
            raise NotNow(f"another run goes on: {self._run.name}")
        self._run.heard = time.monotonic()

    def begin(self, name: str, interval_seconds: float | None) -> bool:
        """Begin it, or go on with it; whether some of it was there before. Raises SidecarError."""
        with self._lock:
            if self._run is not None and self._run.name == name and not self._run.watch.stopping:
                self._run.heard = time.monotonic()
                return True
            self._end_quiet()
            if self._run is not None:
                raise NotNow(f"another run goes on: {self._run.name}; it has to end first")
            pid = self._find()
            self._end_idle()
            directory = self.directory(name)
            resumed = directory.events.is_file()
            watch = self._watch(
                pid,
                run_dir=directory.path,
                interval=interval_seconds or self._options.interval,
                clock=self._options.clock or clock_of(directory) or RunClock.start(),
            )
            tell_restart(directory, pid, watch.recorder)
            watch.start()
            self._run = _Run(name, watch, time.monotonic())
            print(f"run {name} {'goes on' if resumed else 'begins'}", file=sys.stderr, flush=True)
            return resumed

    def stop(self, reason: str) -> None:
        """End the run; what remains to be asked and written is done in the background."""
        with self._lock:
            run = self._run
            if run is None or run.watch.stopping:
                return
            run.watch.stop(reason)
            self._ending = threading.Thread(target=self._finish, args=(run,), name="ending")
            self._ending.start()

    def follow(self) -> str | None:
        """Once a second: look for the target while no run goes on; what is still missing."""
        with self._lock:
            if self._run is not None:
                if time.monotonic() - self._run.heard > ABANDONED_SECONDS:
                    self._abandon(self._run)
                return None
            if self._idle is not None and self._idle.sampler.census.target_alive:
                return None
            self._end_idle()
            try:
                pid = self._find()
                self._idle = self._watch(
                    pid,
                    run_dir=None,
                    interval=max(IDLE_INTERVAL_SECONDS, self._options.interval),
                    inside="no",
                )
            except SidecarError as error:
                return str(error)
            self._idle.start()
            return None

    def close(self) -> None:
        """End everything and wait for it."""
        self.stop("interrupted")
        if self._ending is not None:
            self._ending.join()
        with self._lock:
            self._end_idle()

    def _watch(self, pid: int, **changes: object) -> Watch:
        return Watch(argparse.Namespace(**(vars(self._options) | changes)), pid, _print_alert)

    def _finish(self, run: _Run) -> None:
        try:
            run.watch.finish()
        except SidecarError as error:
            self.complaints[run.name] = str(error)
            print(f"error: run {run.name}: {error}", file=sys.stderr, flush=True)
        finally:
            self._run = None
        print(f"run {run.name} has ended", file=sys.stderr, flush=True)

    def _end_quiet(self) -> None:
        run = self._run
        if run is None or time.monotonic() - run.heard < QUIET_SECONDS:
            return
        self._abandon(run)
        if self._ending is not None:
            self._ending.join(timeout=QUIET_SECONDS)

    def _abandon(self, run: _Run) -> None:
        if not run.watch.stopping:
            run.watch.recorder.event("generator_lost", reason="nothing was heard of it any more")
        self.stop("generator_lost")

    def _end_idle(self) -> None:
        if self._idle is not None:
            self._idle.stop("a run begins")
            self._idle.finish()
            self._idle = None


def _print_alert(alert: Alert) -> None:
    print(f"ALERT  {alert.text}", file=sys.stderr, flush=True)
