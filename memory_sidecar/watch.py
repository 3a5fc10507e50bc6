"""One watch: the sampling thread, what it is made of, and what it tells at start and end."""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict

import psutil

from memory_sidecar.alerts import Alert
from memory_sidecar.clock import ticks
from memory_sidecar.descriptors import allow_descriptors
from memory_sidecar.discovery import listening_ports
from memory_sidecar.errors import SidecarError
from memory_sidecar.finding_again import following
from memory_sidecar.group_watch import GroupWatch
from memory_sidecar.inside.choosing import choose_inside
from memory_sidecar.inside.measuring import memory_now
from memory_sidecar.inside.source import InsideSource
from memory_sidecar.inside.watch import InsideWatch
from memory_sidecar.limit import find_limit
from memory_sidecar.recorder import Recorder
from memory_sidecar.sampler import Announcement, Sampler, used_bytes
from memory_sidecar.source_choice import choose_sources
from memory_sidecar.sources import SOURCES, Source
from memory_sidecar.summary import Summing, peak_of
from rundir import (
    INSIDE_COLUMNS,
    MEMORY_COLUMNS,
    Column,
    RunClock,
    RunDirectory,
    columns_of,
)


class Watch:
    """Owns the sampling thread. `stop` may be called from anywhere, once or more."""

    def __init__(
        self, options: argparse.Namespace, pid: int, on_alert: Callable[[Alert], None]
    ) -> None:
        """Open files and sources. Raises SidecarError."""
        self._options = options
        self._tell_alert = on_alert
        self._stop = threading.Event()
        self.reason = ""
        self.failure: BaseException | None = None
        clock = options.clock or RunClock.start()
        choice = choose_sources(options.source)
        source = SOURCES[choice.processes]()
        directory = _directory(options)
        inside = _inside(options, [process.pid for process in source.tree(pid)])
        self.recorder = Recorder(directory, clock, columns_for(directory, inside))
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
            following=following(
                options.name or options.follow_name, listening_ports(pid), options.restart_timeout
            ),
            clock=clock,
        )
        self.inside = self._look_inside(inside, source, directory) if inside else None
        self._cannot_see = source.cannot_see
        self._source = source
        self._thread = threading.Thread(target=self._loop, name="sampler", daemon=True)
        self.summing = Summing()

    def _look_inside(
        self, inside: tuple[InsideSource, ...], source: Source, directory: RunDirectory | None
    ) -> InsideWatch:
        sampler = self.sampler

        def members() -> list[int]:
            with sampler.lock:
                return [process.pid for process in sampler.tree.members]

        watch = InsideWatch(
            inside,
            members,
            lambda: memory_now(source, sampler.tree, sampler.group),
            self.recorder,
            directory=directory,
            snapshots=self._options.heap_snapshots,
        )
        sampler.inside = watch
        sampler.reader.tell_inside = watch.take
        return watch

    @property
    def stopping(self) -> bool:
        """Whether somebody asked for the end."""
        return self._stop.is_set()

    @property
    def state(self) -> str:
        """sampling or stopping."""
        return "stopping" if self.stopping else "sampling"

    def wait(self, seconds: float) -> bool:
        """Sleep so long, or until somebody asks for the end; whether somebody did."""
        return self._stop.wait(seconds)

    def start(self) -> None:
        """Begin to sample."""
        allow_descriptors()
        self._started_at, self._cpu_at = time.monotonic(), time.process_time()
        self._thread.start()
        if self.inside is not None:
            self.inside.start()

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
                    self.summing.add(sample.elapsed, used, peak_of(sample))
                if self.sampler.counters.ticks == 1:
                    self._tell_start()
        except BaseException as error:
            self.failure = error
            self.stop("failed")

    def _on_alert(self, alert: Alert) -> None:
        self.recorder.event("alert", **asdict(alert))
        self._tell_alert(alert)

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
        if self.failure is None:
            self._look_at_end()
        if self.inside is not None:
            # Behind the last phase: what this costs the target is in no figure.
            self.inside.finish("end")
        self._tell_cost()
        if self.reason == "generator_lost":
            self.recorder.event("run_ended", reason="generator_lost")
        lost = self.recorder.close()
        # A service watches again: whose marks count is said by a lock on them.
        self._source.keep(())
        self.sampler.group.close()
        if self.failure is not None:
            raise SidecarError(f"the sampler failed: {self.failure!r}")
        if lost:
            raise SidecarError(f"{self._options.run_dir}: {lost}")
        return 0

    def _look_at_end(self) -> None:
        census = self.sampler.census
        with self.sampler.lock:
            census.look_at_end()
            if self.reason != "target_lost":
                census.tell_away()

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


def _inside(options: argparse.Namespace, pids: list[int]) -> tuple[InsideSource, ...]:
    """The sources that some process of the target answers to; none is touched yet."""
    chosen = choose_inside(options.inside, options.components)
    return tuple(one for one in chosen if any(one.may_be_asked(pid) for pid in pids))


def columns_for(
    directory: RunDirectory | None, inside: tuple[InsideSource, ...]
) -> tuple[Column, ...]:
    """What the sources declare; of a file that is there already, what its header says."""
    declared = {column.name: column for source in inside for column in source.columns}
    if directory is not None and directory.memory_samples.exists():
        written = columns_of(directory.memory_samples, INSIDE_COLUMNS)
        if columns_of(directory.memory_samples, MEMORY_COLUMNS):
            return tuple(column for column in INSIDE_COLUMNS if column.name in written)
    return tuple(declared.values())


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
