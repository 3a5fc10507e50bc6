"""One watch from start to end: a sampling thread, and beside it a server or a live line."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from typing import Any

import psutil

from memory_sidecar.alerts import Alert
from memory_sidecar.clock import ticks
from memory_sidecar.descriptors import allow_descriptors
from memory_sidecar.discovery import find_by_name, find_by_pid, find_by_port, listening_ports
from memory_sidecar.errors import SidecarError
from memory_sidecar.finding_again import finder
from memory_sidecar.group_watch import GroupWatch
from memory_sidecar.limit import find_limit
from memory_sidecar.recorder import Recorder
from memory_sidecar.sampler import Announcement, Sampler, measure_of, used_bytes
from memory_sidecar.source_choice import choose_sources
from memory_sidecar.sources import SOURCES
from memory_sidecar.summary import Summary, Summing
from rundir import RunClock, RunDirectory

TOKEN_VARIABLE = "PLIMSOLL_SIDECAR_TOKEN"  # noqa: S105 - the variable's name


class Watch:
    """Owns the sampling thread. `stop` may be called from anywhere, once or more."""

    def __init__(self, options: argparse.Namespace, pid: int) -> None:
        self._options = options
        self._stop = threading.Event()
        self.reason = ""
        self.failure: BaseException | None = None
        self._told: list[str] = []
        clock = options.clock or RunClock.start()
        self.recorder = Recorder(_directory(options), clock)
        choice = choose_sources(options.source)
        source = SOURCES[choice.processes]()
        group = GroupWatch(pid, choice.group)
        if options.source == "cgroup" and group.name is None:
            raise SidecarError(
                f"--source cgroup: process {pid} is in no memory cgroup that can be read here; "
                "leave --source out"
            )
        self.sampler = Sampler(
            source,
            pid,
            group,
            interval_seconds=options.interval,
            limit=find_limit(options.limit, pid),
            recorder=self.recorder,
            on_alert=self._on_alert,
            find_again=finder(options.name or options.follow_name, listening_ports(pid)),
            clock=clock,
        )
        self._cannot_see = source.cannot_see
        self._thread = threading.Thread(target=self._loop, name="sampler", daemon=True)
        self.summing = Summing()

    @property
    def stopping(self) -> bool:
        """Whether somebody asked for the end."""
        return self._stop.is_set()

    def start(self) -> None:
        """Begin to sample."""
        allow_descriptors()
        self._started_at, self._cpu_at = time.monotonic(), time.process_time()
        self._thread.start()

    def _tell_start(self) -> None:
        """After the first ticks: by then it is known whether the group's totals count."""
        group = self.sampler.group
        self.recorder.event(
            "sidecar_started",
            pid=os.getpid(),
            interval=self._options.interval,
            sources=self.sampler.sources,
            cgroup={"path": group.name, "version": group.version, "counts": group.counts},
            cannot_see=[] if group.counts else list(self._cannot_see),
        )

    def _loop(self) -> None:
        try:
            for tick in ticks(self._options.interval, time.monotonic, self._stop.wait):
                if self._stop.is_set():
                    return
                sample = self.sampler.take(tick)
                used = used_bytes(sample)
                if used is not None:
                    self.summing.add(sample.elapsed, used, sample.peak)
                if self.sampler.counters.ticks == 1:
                    self._tell_start()
        except BaseException as error:
            self.failure = error
            self.stop("failed")

    def _on_alert(self, alert: Alert) -> None:
        self.recorder.event("alert", **asdict(alert))
        if self._options.serve is None:
            print(f"ALERT  {alert.text}", file=sys.stderr, flush=True)
        else:
            tell({"alert": {**asdict(alert), "text": alert.text}})

    def stop(self, reason: str) -> None:
        """Ask for the end; the first reason counts."""
        self.sampler.census.stopping = True
        if not self._stop.is_set():
            self.reason = reason
            self._stop.set()

    def finish(self) -> int:
        """Wait for the sampler, write what remains; exit code 2 when rows are lost."""
        self._thread.join(timeout=5.0)
        if self.sampler.tag.index >= 0 and self.reason != "generator_lost":
            now = time.monotonic()
            end = Announcement(None, 0, 0, None, self.recorder.clock.at(now), now)
            self.sampler.begin_phase(end)
        self._tell_cost()
        if self.reason == "generator_lost":
            self.recorder.event("run_ended", reason="generator_lost")
        lost = self.recorder.close()
        if self.failure is not None:
            raise SidecarError(f"the sampler failed: {self.failure!r}")
        if lost:
            raise SidecarError(f"{self._options.run_dir}: {lost}")
        return 0

    def _tell_cost(self) -> None:
        counters, reader = self.sampler.counters, self.sampler.reader
        self.recorder.event(
            "sidecar_stopped",
            ticks=counters.ticks,
            late_ticks=counters.late,
            missed_ticks=counters.missed,
            cpu_seconds=time.process_time() - self._cpu_at,
            seconds=time.monotonic() - self._started_at,
            seconds_by_source=reader.costs.seconds,
            pss_period_seconds=reader.proportional.period_seconds,
            rss_bytes=psutil.Process().memory_info().rss,
        )


def tell(words: dict[str, Any]) -> None:
    """One JSON line for the owner; an owner that is gone is noticed by the lifeline."""
    with contextlib.suppress(OSError):
        os.write(1, (json.dumps(words) + "\n").encode())


def watch(options: argparse.Namespace) -> int:
    """Find the target, sample it to the end. Raises SidecarError. Returns the exit code."""
    token = os.environ.get(TOKEN_VARIABLE, "")
    if options.serve is not None and not token:
        raise SidecarError(f"--serve needs a token: set {TOKEN_VARIABLE}")
    pid = _find(options)
    run = Watch(options, pid)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: run.stop("interrupted"))
    if options.owned:
        threading.Thread(target=_hold_lifeline, args=(run,), daemon=True).start()
    if options.serve is None:
        return _watch_alone(run, options)
    return _serve(run, options, token)


def _find(options: argparse.Namespace) -> int:
    if options.pid is not None:
        return find_by_pid(options.pid)
    if options.port is not None:
        return find_by_port(options.port)
    return find_by_name(options.name)


def _directory(options: argparse.Namespace) -> RunDirectory | None:
    if options.run_dir is None:
        return None
    try:
        options.run_dir.mkdir(parents=True, exist_ok=True)
        probe = RunDirectory(options.run_dir)
        probe.events.open("ab").close()
    except OSError as error:
        raise SidecarError(f"{options.run_dir}: cannot be written to ({error.strerror})") from None
    return probe


def _hold_lifeline(run: Watch) -> None:
    while os.read(0, 4096):
        pass
    if not run.stopping:
        run.recorder.event("generator_lost", reason="the owner went away without a stop")
        run.stop("generator_lost")


def _serve(run: Watch, options: argparse.Namespace, token: str) -> int:
    import gevent

    from memory_sidecar.server import LOOPBACK, control_app, start_server

    server = start_server(control_app(run.sampler, token, run.stop), options.serve)
    # Before the first tick, which may have an alert to tell.
    tell({"ready": True, "url": f"http://{LOOPBACK}:{server.server_port}", "pid": os.getpid()})
    run.start()
    ends = None if options.duration is None else time.monotonic() + options.duration
    while not run.stopping:
        gevent.sleep(0.05)
        if ends is not None and time.monotonic() >= ends:
            run.stop("completed")
    # The answer to the stop itself is still on its way.
    server.stop(timeout=1.0)
    return run.finish()


def _watch_alone(run: Watch, options: argparse.Namespace) -> int:
    run.recorder.event("run_started", pid=None)
    run.start()
    begun = time.monotonic()
    plain_next = 0.0
    while not run.stopping:
        time.sleep(0.1)
        elapsed = time.monotonic() - begun
        if options.duration is not None and elapsed >= options.duration:
            run.stop("completed")
        elif not run.sampler.census.target_alive:
            run.stop("target_lost")
        elif sys.stderr.isatty():
            print(f"\r{_line(run, elapsed)}\x1b[K", end="", file=sys.stderr, flush=True)
        elif elapsed >= plain_next:
            plain_next = elapsed + 5.0
            print(_line(run, elapsed), file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    run.recorder.event("run_ended", reason=run.reason)
    code = run.finish()
    _print_summary(_summary(run), options)
    return code


def _line(run: Watch, elapsed: float) -> str:
    latest, peak = run.sampler.latest, run.sampler.peak
    used = used_bytes(latest) if latest else None
    if latest is None or used is None or peak is None:
        return f"{elapsed:6.1f} s  memory unknown"
    return (
        f"{elapsed:6.1f} s  {latest.processes} processes  memory {used / 2**20:,.1f} MiB  "
        f"peak {peak / 2**20:,.1f} MiB of {run.sampler.limit.size_bytes / 2**20:,.0f} MiB"
    )


def _summary(run: Watch) -> Summary:
    counters, latest = run.sampler.counters, run.sampler.latest
    measures = {"working_set": "working set of its cgroup", "pss": "PSS", "rss": "RSS"}
    ends = {"target_lost": "the target has exited", "interrupted": "stopped by hand"}
    return run.summing.summary(
        measures[measure_of(latest)] if latest else "RSS",
        late=counters.late,
        missed=counters.missed,
        end=ends.get(run.reason, "the time is over"),
    )


def _print_summary(summary: Summary, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(asdict(summary), indent=2))
    else:
        print(summary.text())
