"""A target that exists in numbers only, for a sidecar whose day shall pass in a minute or two."""

from __future__ import annotations

import random
from collections.abc import Iterable

from memory_sidecar.reading import Details, Exit, HostMemory, Identity, Mark, Sizes

ROOT_PID = 100
WORKERS = 4
MIB = 2**20


class MadeClock:
    """Time that is set, seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """The time now."""
        return self.seconds


class MadeTarget:
    """A source: a master and workers of which one is recycled every minute, sizes at random."""

    def __init__(self, clock: MadeClock) -> None:
        self.name = "made"
        self.cannot_see: tuple[str, ...] = ()
        self.denied: set[Identity] = set()
        self._clock = clock
        self._sizes = random.Random(1)

    def identity(self, pid: int) -> Identity | None:
        """The living process with that pid."""
        return next((process for process in self.tree(ROOT_PID) if process.pid == pid), None)

    def tree(self, root: int) -> list[Identity]:
        """The master and its workers of this minute; a worker has none below it."""
        oldest = int(self._clock.seconds // 60)
        numbers = range(oldest, oldest + WORKERS)
        workers = [Identity(ROOT_PID + 1 + number, 60.0 * number) for number in numbers]
        whole = [Identity(ROOT_PID, 0.0), *workers]
        return whole if root == ROOT_PID else [p for p in workers if p.pid == root]

    def rss(self, process: Identity) -> int | None:
        """Resident size, bytes."""
        return 100 * MIB + self._near(process)

    def take_mark(self, process: Identity) -> Mark | None:
        """The highest resident size since the last take."""
        return Mark(120 * MIB + self._near(process), since_start=False)

    def sizes(self, process: Identity) -> Sizes | None:
        """Proportional and unique size."""
        size = self._near(process)
        return Sizes(80 * MIB + size, 60 * MIB + size, 40 * MIB + size, 0)

    def details(self, process: Identity) -> Details | None:
        """Threads, descriptors, connections."""
        return Details(f"made {process.pid}", 4, 30, self._sizes.randrange(20))

    def host(self) -> HostMemory | None:
        """The machine's memory."""
        return HostMemory(10_000 * MIB + self._sizes.randrange(MIB), 0)

    def somebody_came(self) -> bool:
        """Always possible: every look is made."""
        return True

    def somebody_left(self) -> bool:
        """Not known between two looks."""
        return False

    def exit_of(self, process: Identity) -> Exit | None:  # noqa: ARG002 - all leave alike
        """Recycled: by its own will."""
        return Exit(0, None)

    def keep(self, processes: Iterable[Identity]) -> None:
        """Nothing is kept."""

    def _near(self, process: Identity) -> int:
        return process.pid * 4096 + self._sizes.randrange(20 * MIB)
