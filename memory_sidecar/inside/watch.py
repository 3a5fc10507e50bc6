"""A thread beside the sampler's: a process that is slow to answer must not make a tick late."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from typing import TypeVar

from memory_sidecar.inside.source import InsideSource, NotInside, total
from memory_sidecar.recorder import Recorder
from rundir import Column, RunDirectory

READ_SECONDS = 1.0
PATIENCE = 3
"""Refusals of one process until it is left alone."""

FIRST = "before"
"""The moment before the first phase."""

Found = TypeVar("Found")


class InsideWatch:
    """Asks the processes of one target. `members` gives their pids, `measure` its memory now."""

    def __init__(
        self,
        sources: Sequence[InsideSource],
        members: Callable[[], Sequence[int]],
        measure: Callable[[], int],
        recorder: Recorder,
        *,
        directory: RunDirectory | None = None,
        snapshots: bool = False,
    ) -> None:
        self._sources = sources
        self._members = members
        self._measure = measure
        self._recorder = recorder
        self._directory = directory
        self._snapshots = snapshots
        self._attached: dict[int, InsideSource] = {}
        self._refusals: dict[int, int] = {}
        self._asked: Queue[str | None] = Queue()
        self._fresh: Mapping[str, float] | None = None
        self.latest: Mapping[str, float] = {}
        self._thread = threading.Thread(target=self._loop, name="inside", daemon=True)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those that its sources add to the memory samples, each once."""
        found = {column.name: column for source in self._sources for column in source.columns}
        return tuple(found.values())

    @property
    def answering(self) -> list[str]:
        """Names of the sources that some process answers to."""
        return sorted({source.name for source in list(self._attached.values())})

    @property
    def looking(self) -> bool:
        """Whether a look that was asked for is not over yet."""
        return self._asked.unfinished_tasks > 0

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def take(self) -> Mapping[str, float]:
        """The figures that no sample has carried yet; empty most of the time."""
        fresh, self._fresh = self._fresh, None
        return fresh or {}

    def look(self, moment: str) -> None:
        """Find out what the memory is, as soon as it can be: `looking` until it is done.

        FIRST is a census; at other moments there are only the snapshots that were asked for.
        """
        self._asked.put(moment)

    def finish(self, moment: str) -> None:
        """What the target gives back, what is left, and then nothing of ours is left in it."""
        self._asked.put(None)
        self._thread.join()
        self._follow()
        self._give_back()
        self._census(moment)
        # Last of all: a snapshot leaves the process larger than it was.
        self._snapshots_of_all(moment)
        detached = list(self._attached)
        for pid, source in list(self._attached.items()):
            self._ask(pid, source, source.detach)
        if detached:
            self._recorder.event("inside_detached", pids=detached)

    def _loop(self) -> None:
        due = time.monotonic()
        while True:
            try:
                moment = self._asked.get(timeout=max(0.0, due - time.monotonic()))
            except Empty:
                due = max(due + READ_SECONDS, time.monotonic())
                self._read()
                continue
            try:
                if moment is None:
                    return
                self._look(moment)
            finally:
                self._asked.task_done()

    def _read(self) -> None:
        self._follow()
        asked = [self._ask(pid, of, of.read) for pid, of in list(self._attached.items())]
        readings = [reading for reading in asked if reading is not None]
        if readings:
            self._fresh = self.latest = total(readings)

    def _follow(self) -> None:
        """Attach to who came, forget who went."""
        members = list(self._members())
        for pid in set(self._attached) - set(members):
            self._attached.pop(pid)
        for pid in members:
            if pid in self._attached or self._refusals.get(pid, 0) >= PATIENCE:
                continue
            source = next((one for one in self._sources if one.may_be_asked(pid)), None)
            detail = None if source is None else self._ask(pid, source, source.attach)
            if source is not None and detail is not None:
                self._attached[pid] = source
                self._recorder.event("inside_attached", pid=pid, source=source.name, detail=detail)

    def _ask(self, pid: int, source: InsideSource, do: Callable[[int], Found]) -> Found | None:
        """None where it does not answer; that is told once, and the run goes on."""
        try:
            found = do(pid)
        except NotInside as error:
            self._refusals[pid] = self._refusals.get(pid, 0) + 1
            if self._refusals[pid] == PATIENCE:
                self._attached.pop(pid, None)
                self._tell_refusal(pid, source, error)
            return None
        self._refusals.pop(pid, None)
        return found

    def _tell_refusal(self, pid: int, source: InsideSource, error: NotInside) -> None:
        self._recorder.event("inside_refused", pid=pid, source=source.name, reason=str(error))

    def _look(self, moment: str) -> None:
        self._follow()
        if moment == FIRST:
            self._census(moment)
        else:
            self._snapshots_of_all(moment)

    def _census(self, moment: str) -> None:
        for pid, source in list(self._attached.items()):
            found = self._ask(pid, source, source.look)
            if found is not None:
                self._recorder.event(
                    "inside_look", moment=moment, pid=pid, source=source.name, **found
                )

    def _snapshots_of_all(self, moment: str) -> None:
        if not self._snapshots or self._directory is None:
            return
        for pid, source in list(self._attached.items()):
            self._snapshot(moment, pid, source, self._directory.heap_snapshot(moment, pid))

    def _snapshot(self, moment: str, pid: int, source: InsideSource, path: Path) -> None:
        started = time.monotonic()
        if not self._ask(pid, source, partial(source.snapshot, path=path)):
            return
        self._recorder.event(
            "heap_snapshot",
            moment=moment,
            pid=pid,
            file=path.name,
            size_bytes=path.stat().st_size,
            seconds=time.monotonic() - started,
        )

    def _give_back(self) -> None:
        members = len(self._members())
        for source in self._sources:
            pids = [pid for pid, of in self._attached.items() if of is source]
            if not pids:
                continue
            try:
                found = source.give_back(pids, self._measure)
            except NotInside as error:
                self._tell_refusal(pids[0], source, error)
                continue
            self._recorder.event(
                "inside_retention",
                source=source.name,
                processes=len(pids),
                members=members,
                before_bytes=found.before,
                garbage_bytes=found.garbage,
                slack_bytes=found.slack,
            )
