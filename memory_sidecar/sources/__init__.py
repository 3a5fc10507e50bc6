"""Sources of figures, by name. A new one is a file here and an entry in the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from memory_sidecar.reading import Details, Exit, HostMemory, Identity, Mark, Sizes
from memory_sidecar.sources.exits import ExitWatch
from memory_sidecar.sources.portable import Portable
from memory_sidecar.sources.procfs import Procfs


class Source(Protocol):
    """Reads processes; every method answers None for what is gone, unreadable or unknown here."""

    name: str

    cannot_see: tuple[str, ...]
    """What these figures leave out, in words for the report."""

    denied: set[Identity]
    """Processes whose proportional size may not be read."""

    def identity(self, pid: int) -> Identity | None:
        """The living process with that pid."""

    def tree(self, root: int) -> list[Identity]:
        """The root and all below it, parents first; empty when the root is gone."""

    def rss(self, process: Identity) -> int | None:
        """Resident size, bytes."""

    def take_mark(self, process: Identity) -> Mark | None:
        """The highest resident size since the last take."""

    def sizes(self, process: Identity) -> Sizes | None:
        """Proportional and unique size; costly, so on a slower cadence."""

    def details(self, process: Identity) -> Details | None:
        """Threads, descriptors, connections."""

    def host(self) -> HostMemory | None:
        """The machine's memory."""

    def somebody_came(self) -> bool:
        """Whether new processes are possible since the last question; False only when sure."""

    def somebody_left(self) -> bool:
        """Whether a kept process is known to have ended; cheap enough for every tick."""

    def exit_of(self, process: Identity) -> Exit | None:
        """How a kept process ended."""

    def keep(self, processes: Iterable[Identity]) -> None:
        """Forget all others."""


SOURCES: dict[str, Callable[[], Source]] = {
    "procfs": lambda: Procfs(exits=ExitWatch()),
    "portable": Portable,
}
