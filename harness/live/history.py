"""What the live page draws: one moment a second, thinned as a run grows long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

MOST_MOMENTS = 1_200
MOST_PROCESSES = 12
MOST_ALERTS = 50


@dataclass(frozen=True, slots=True)
class Moment:
    """One second: since the run's start (s), users, requests and failures per second, bytes.

    `memory` is the deciding figure, `peak` its exact upper end since the moment before; `heap`:
    what V8 has in use, where Node's inspector is open.
    """

    at: float
    users: int
    rate: float
    failures: float
    memory: int | None
    peak: int | None
    heap: int | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """RSS of one process (bytes) at a second of the run."""

    at: float
    rss: int


@dataclass(slots=True)
class Process:
    """One process of the target and its sizes so far."""

    pid: int
    role: str
    name: str
    sizes: list[Size] = field(default_factory=list)


@dataclass(slots=True)
class LiveRun:
    """One run as it is drawn. `limit` in bytes; phases as [name, start, end]."""

    name: str
    state: str = "running"
    limit: int | None = None
    limit_source: str = ""
    measure: str = ""
    top: int | None = None
    reason: str = ""
    moments: list[Moment] = field(default_factory=list)
    phases: list[list[Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    processes: dict[tuple[str, int], Process] = field(default_factory=dict)

    def add(self, moment: Moment) -> None:
        """One second more; pairs are joined once there are too many, and the higher one stays."""
        self.moments.append(moment)
        if self.phases:
            self.phases[-1][2] = moment.at
        self.top = _higher(self.top, _higher(moment.memory, moment.peak))
        if len(self.moments) > MOST_MOMENTS:
            self.moments = _joined(self.moments, _join_moments)

    def add_size(self, pid: int, role: str, name: str, size: Size) -> None:
        """RSS of one process now; of several targets its name begins with the target's."""
        target = name.partition(": ")[0] if ": " in name else ""
        process = self.processes.setdefault((target, pid), Process(pid, role, name))
        process.sizes.append(size)
        if len(process.sizes) > MOST_MOMENTS // 4:
            process.sizes = _joined(process.sizes, lambda a, b: a if a.rss >= b.rss else b)

    def begin_phase(self, name: str, at: float) -> None:
        """Close the band before, open this one."""
        if self.phases:
            self.phases[-1][2] = at
        self.phases.append([name, at, at])

    def alert(self, text: str, at: float) -> None:
        """Something to tell; the last ones are kept."""
        self.alerts = [*self.alerts, {"at": round(at, 1), "text": text}][-MOST_ALERTS:]

    def content(self) -> dict[str, Any]:
        """As JSON: columns of equal length for what is drawn; bytes, seconds."""
        columns = {
            name: [getattr(moment, name) for moment in self.moments]
            for name in ("at", "users", "rate", "failures", "memory", "peak", "heap")
        }
        largest = sorted(self.processes.values(), key=lambda p: -max(s.rss for s in p.sizes))
        return {
            "name": self.name,
            "state": self.state,
            "reason": self.reason,
            "measure": self.measure,
            "limit": self.limit,
            "limit_source": self.limit_source,
            "top": self.top,
            "columns": columns,
            "phases": self.phases,
            "alerts": self.alerts,
            "processes": [
                {**asdict(process), "sizes": [[s.at, s.rss] for s in process.sizes]}
                for process in largest[:MOST_PROCESSES]
            ],
        }


Kind = TypeVar("Kind")


def _joined(items: Sequence[Kind], join: Callable[[Kind, Kind], Kind]) -> list[Kind]:
    """Half as many: neighbours joined, the last one kept as it is."""
    pairs = [join(items[i], items[i + 1]) for i in range(0, len(items) - 2, 2)]
    return [*pairs, items[-1]]


def _join_moments(first: Moment, then: Moment) -> Moment:
    return Moment(
        then.at,
        max(first.users, then.users),
        (first.rate + then.rate) / 2,
        (first.failures + then.failures) / 2,
        _higher(first.memory, then.memory),
        _higher(first.peak, then.peak),
        _higher(first.heap, then.heap),
    )


def _higher(one: int | None, other: int | None) -> int | None:
    return max(filter(None, (one, other)), default=None)
