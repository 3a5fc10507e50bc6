"""The target's memory cgroup: whose it is, what it holds, whom the kernel killed in it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from memory_sidecar.sources.cgroup import (
    GroupFigures,
    MemoryGroup,
    Pressure,
    find_group,
    is_of_its_container,
)

PATIENCE_LOOKS = 3


class Whose(Enum):
    """Which group's totals count as the target's."""

    OWN = "a group in which only the target lives"
    ANY = "whatever group the target is in"
    NONE = "none"


class GroupWatch:
    """Follows one group. Its totals are the target's where nobody else lives in it.

    That is decided once, in the first looks: whoever appears later in a group that was the
    target's alone belongs to the target, also when its parent is gone.
    """

    def __init__(
        self,
        pid: int,
        whose: Whose,
        find: Callable[[int], MemoryGroup | None] = find_group,
    ) -> None:
        self._find = find
        self._whose = whose
        self._group: MemoryGroup | None = None
        self._looks = 0
        self._oom_kills: int | None = None
        self.counts = False
        self.follow(pid)

    @property
    def name(self) -> str | None:
        """The group's path as the kernel tells it."""
        return self._group.name if self._group else None

    @property
    def version(self) -> int | None:
        """1 or 2; None without a group."""
        return self._group.version if self._group else None

    @property
    def peak_since_start(self) -> bool:
        """Whether the kernel's peak cannot be set back here."""
        return bool(self._group and self._group.peak_since_start)

    def follow(self, pid: int) -> None:
        """The target goes on as another process, which may live in another group."""
        before = self._group
        self._group = self._find(pid) if self._whose is not Whose.NONE else None
        if before is not None:
            before.close()
        self._looks = 0
        self.counts = self._group is not None and (
            self._whose is Whose.ANY or is_of_its_container(pid, self._group)
        )
        if self.counts:
            self.take_peak()
        events = self._group.events() if self._group else None
        self._oom_kills = events.oom_kills if events else None

    def close(self) -> None:
        """Nothing more is asked."""
        if self._group is not None:
            self._group.close()
            self._group = None

    def members(self) -> set[int]:
        """Pids in the group where it is the target's; empty otherwise."""
        if self._group is None or not self.counts or self._whose is Whose.ANY:
            return set()
        return self._group.members() or set()

    def look(self, target: set[int]) -> None:
        """Decide, in the first looks, whether the group is the target's alone."""
        if self._group is None or self.counts or self._looks >= PATIENCE_LOOKS or not target:
            return
        # A child that was forked since the tree was read looks like a stranger once, not thrice.
        self._looks += 1
        members = self._group.members()
        if members and members <= target:
            self.counts = True
            self._group.take_peak()

    def figures(self) -> GroupFigures | None:
        """What the group holds now; None where it is not the target's."""
        return self._group.figures() if self._group and self.counts else None

    def take_peak(self) -> int | None:
        """The highest usage since the last take, bytes."""
        return self._group.take_peak() if self._group and self.counts else None

    def pressure(self) -> Pressure | None:
        """Stall times since the group was made."""
        return self._group.pressure() if self._group and self.counts else None

    def new_oom_kills(self) -> int:
        """OOM kills in the group since the last call; also counted where others live in it."""
        events = self._group.events() if self._group else None
        if events is None:
            return 0
        before, self._oom_kills = self._oom_kills, events.oom_kills
        return max(0, events.oom_kills - (events.oom_kills if before is None else before))
