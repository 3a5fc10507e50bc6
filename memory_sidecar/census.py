"""Who belongs to the target: looks at the tree, tells who came and went, finds a lost target."""

from __future__ import annotations

from collections.abc import Callable

from memory_sidecar.departures import OOM_KILL, classify
from memory_sidecar.finding_again import Following
from memory_sidecar.group_watch import GroupWatch
from memory_sidecar.reading import Identity
from memory_sidecar.recorder import Recorder
from memory_sidecar.sources import Source
from memory_sidecar.tree import Change, TreeWatch

LOOK_SECONDS = 0.5
# However sure: a process may have been moved into the target's group from outside.
SURE_SECONDS = 5.0
DUTY = 0.02


class Census:
    """Looks every half second in which a process was started anywhere, or when one of ours left.

    Rarer where a look is costly: it may take 2 % of the time.
    """

    def __init__(
        self,
        source: Source,
        tree: TreeWatch,
        group: GroupWatch,
        *,
        recorder: Recorder,
        following: Following,
        now: Callable[[], float],
    ) -> None:
        self.tree = tree
        self.target_alive = True
        self.stopping = False
        self._source = source
        self._group = group
        self._recorder = recorder
        self._following = following
        self._now = now
        self._next = self._latest = float("-inf")
        self._lost_at: float | None = None
        self._next_search = float("-inf")

    def look_if_due(self) -> Change | None:
        """Look where it is time or somebody is known to have left; None otherwise."""
        started = self._now()
        if not self._is_due(started):
            return None
        change = self.tree.look(self._group.members())
        self._group.look({process.pid for process in self.tree.members})
        self._tell(change)
        self._source.keep(self.tree.members)
        self._follow_root(started)
        cost = self._now() - started
        self._next = started + max(LOOK_SECONDS, cost / DUTY)
        self._latest = started + max(SURE_SECONDS, cost / DUTY)
        return change

    def _is_due(self, now: float) -> bool:
        if self._source.somebody_left() or now >= self._latest:
            return True
        if now < self._next:
            return False
        self._next = now + LOOK_SECONDS
        return self._lost_at is not None or self._source.somebody_came()

    def look_soon(self) -> None:
        """Look at the next tick."""
        self._latest = float("-inf")

    def _tell(self, change: Change) -> None:
        for process in change.started:
            details = self._source.details(process)
            self._recorder.event(
                "process_started",
                pid=process.pid,
                create_time=process.create_time,
                role=self.tree.role(process),
                command=details.name if details else "",
            )
        oom_kills = self._group.new_oom_kills()
        killed = [self._tell_exit(process, oom_kills) for process in change.exited]
        if oom_kills:
            self._recorder.event(
                "oom_kill",
                pids=[pid for pid in killed if pid is not None],
                count=oom_kills,
                group=self._group.name,
            )

    def _tell_exit(self, process: Identity, oom_kills: int) -> int | None:
        how = self._source.exit_of(process)
        departure = classify(
            how,
            is_root=process == self.tree.root,
            root_lives=self.tree.root_lives,
            oom_kills=oom_kills,
            stopping=self.stopping,
        )
        self._recorder.event(
            "process_exited",
            pid=process.pid,
            create_time=process.create_time,
            role="root" if process == self.tree.root else "child",
            planned=departure.planned,
            cause=departure.cause,
            exit_code=how.code if how else None,
            signal=how.signal if how else None,
        )
        return process.pid if departure.cause == OOM_KILL else None

    def _follow_root(self, now: float) -> None:
        root = self.tree.root
        if root is None or self.tree.root_lives or self.stopping:
            return
        if self._lost_at is None:
            self._lost_at = now
        if now < self._next_search:
            return
        self._next_search = now + LOOK_SECONDS
        found = self._following.find()
        if found is not None and found != root.pid:
            self._recorder.event(
                "target_restarted", old_pid=root.pid, pid=found, seconds=now - self._lost_at
            )
            self.tree.follow(found)
            self._group.follow(found)
            self._lost_at, self.target_alive = None, True
            self.look_soon()
        elif now - self._lost_at >= self._following.patience_seconds:
            self._tell_lost("the process is gone and nobody took its place")

    def look_at_end(self) -> None:
        """Once more: what ended the watch may be a kill for memory since the last tick."""
        self._tell(self.tree.look(self._group.members()))

    def tell_away(self) -> None:
        """The watch ends: a target that is away by now did not come back."""
        self._tell_lost("the process is gone, and the run ended before another took its place")

    def _tell_lost(self, reason: str) -> None:
        root = self.tree.root
        if root is None or self._lost_at is None or self.tree.members or not self.target_alive:
            return
        self.target_alive = False
        away = self._now() - self._lost_at
        self._recorder.event("target_lost", pid=root.pid, reason=reason, seconds=away)
