"""Which processes belong to the target now, and who came and went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from memory_sidecar.reading import Identity
from memory_sidecar.sources import Source


@dataclass(frozen=True, slots=True)
class Change:
    """Processes that appeared and that are gone since the last look."""

    started: tuple[Identity, ...]
    exited: tuple[Identity, ...]


class TreeWatch:
    """Follows the tree below one root. Orphans of a killed root stay in view."""

    def __init__(self, source: Source, root: int) -> None:
        self._source = source
        self._root = root
        self.members: tuple[Identity, ...] = ()
        self.root: Identity | None = None

    def look(self, also: Iterable[int] = ()) -> Change:
        """Read the tree again; `also` are pids known to be the target's by another way."""
        found = self._source.tree(self._root)
        if found and self.root is None:
            self.root = found[0]
        if found and found[0] != self.root:
            # The pid was given to a stranger: ours is gone.
            found = []
        seen = set(found)
        for survivor in self.members:
            # A child whose parent died belongs to init now, but its memory is still the target's.
            if survivor not in seen and survivor != self.root:
                below = self._source.tree(survivor.pid)
                if below and below[0] == survivor:
                    found += [process for process in below if process not in seen]
                    seen |= set(below)
        pids = {process.pid for process in found}
        for pid in also:
            process = self._source.identity(pid) if pid not in pids else None
            if process is not None:
                found.append(process)
        before, self.members = self.members, tuple(found)
        old, new = set(before), set(found)
        return Change(
            tuple(p for p in found if p not in old), tuple(p for p in before if p not in new)
        )

    def follow(self, root: int) -> None:
        """The target goes on under another pid: from the next look on, that one is the root."""
        self._root, self.root = root, None

    @property
    def root_lives(self) -> bool:
        """Whether the root was there at the last look."""
        return self.root is not None and self.root in self.members

    def role(self, process: Identity) -> str:
        """root, worker (of a root with several children) or child."""
        if process == self.root:
            return "root"
        return "worker" if len(self.members) > 2 else "child"
