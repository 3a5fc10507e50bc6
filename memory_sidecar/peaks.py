"""Exact peaks: high-water marks taken at every tick and at every phase's end.

The true simultaneous peak of several processes lies between the largest sampled sum and the sum
of their marks; the upper end is what is kept here. Marks are of resident memory: what is shared
(the last measured RSS - PSS) is taken off again, so that a forked tree is not counted several
times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from memory_sidecar.group_watch import GroupWatch
from memory_sidecar.reading import Identity, Mark


@dataclass(frozen=True, slots=True)
class Window:
    """What happened at most since the marks were last taken, bytes; None is unknown."""

    marks: dict[Identity, Mark]
    high: int | None
    group: int | None


@dataclass(slots=True)
class PhasePeaks:
    """The highest of a phase's windows, bytes."""

    processes: dict[int, int] = field(default_factory=dict)
    high: int | None = None
    group: int | None = None
    since_start: bool = False

    def add(self, window: Window) -> None:
        """Take one more window in."""
        for process, mark in window.marks.items():
            self.processes[process.pid] = max(mark.size, self.processes.get(process.pid, 0))
            self.since_start |= mark.since_start
        self.high = _highest(self.high, window.high)
        self.group = _highest(self.group, window.group)


def _highest(*sizes: int | None) -> int | None:
    return max((size for size in sizes if size is not None), default=None)


class PeakTaker:
    """Takes the marks of all processes and of the group, and sets them back."""

    def __init__(self, take_mark: Callable[[Identity], Mark | None], group: GroupWatch) -> None:
        self._take_mark = take_mark
        self._group = group
        self._before: dict[Identity, Mark] = {}

    def discard(self, processes: Iterable[Identity]) -> None:
        """Set marks back whose past is not ours: what was before the watch began."""
        for process in processes:
            self._take_mark(process)

    def take(
        self,
        processes: Iterable[Identity],
        shared: Callable[[Identity], int | None],
        inactive_file: int | None,
    ) -> Window:
        """Take all marks, and the upper end of the figure that decides.

        `shared` is RSS - PSS of a process in bytes (None: not measured); `inactive_file` is what
        of the group's usage is no working set (None: the group's totals do not count). A process
        that is gone counts once more, with the last mark that is known of it.
        """
        marks = {p: mark for p in processes if (mark := self._take_mark(p))}
        gone = {p: mark for p, mark in self._before.items() if p not in marks}
        self._before = marks
        group = self._group.take_peak()
        counted = {**gone, **marks}
        if group is not None and inactive_file is not None:
            known = not self._group.peak_since_start
            return Window(counted, max(0, group - inactive_file) if known else None, group)
        if not counted or any(mark.since_start for mark in counted.values()):
            return Window(counted, None, group)
        high = sum(max(0, mark.size - (shared(p) or 0)) for p, mark in counted.items())
        return Window(counted, high, group)
