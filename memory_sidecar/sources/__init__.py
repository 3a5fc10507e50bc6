"""Sources of figures, by name. A new one is a file here and an entry in the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from memory_sidecar.reading import Details, Identity, Sizes
from memory_sidecar.sources.procfs import Procfs


class Source(Protocol):
    """Reads processes; every method answers None for a process that is gone or unreadable."""

    def tree(self, root: int) -> list[Identity]:
        """The root and all below it, parents first; empty when the root is gone."""

    def rss(self, process: Identity) -> int | None:
        """Resident size, bytes."""

    def sizes(self, process: Identity) -> Sizes | None:
        """Proportional and unique size; costly, so on a slower cadence."""

    def details(self, process: Identity) -> Details | None:
        """High-water mark, threads, descriptors, connections."""

    def keep(self, processes: Iterable[Identity]) -> None:
        """Forget all others."""


SOURCES: dict[str, Callable[[], Source]] = {"procfs": Procfs}
