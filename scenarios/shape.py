"""The phase plan as Locust's load shape: one Locust run holds all phases."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from locust import LoadTestShape

from scenarios.phases import Phase, PhasePlan

EARLY_SECONDS = 0.05
"""Locust asks once a second, and gevent wakes it some milliseconds early: a border that is so near
is not put off by a whole second.
"""


class PhaseListener(Protocol):
    """Who is told when the run begins and when its phases change."""

    def run_begins(self) -> PhasePlan | None:
        """Prepare the run, then give the plan to follow; None: the run cannot begin."""

    def may_begin(self, plan: PhasePlan, index: int) -> bool:
        """Asked at each tick until it says yes; the plan's clock stands still meanwhile."""

    def phase_begins(self, plan: PhasePlan, index: int) -> None:
        """Phase `index` of `plan` begins now."""

    def plan_completed(self) -> None:
        """The last phase is over."""


class PlannedShape(LoadTestShape):
    """Follows a PhasePlan. Locust makes the instance while it loads, so nothing happens then.

    `in_steps`: the ramp is asked for second by second. On a master Locust does not tick while it
    ramps up, and a load that is to end in mid-ramp would go on to its last user.
    """

    use_common_options = True

    def __init__(self) -> None:
        self.listener: PhaseListener | None = None
        self.clock: Callable[[], float] = time.monotonic
        self.plan: PhasePlan | None = None
        self._index: int | None = None
        self._started = 0.0
        self._cancelled = False
        self._held = False
        self._following: int | None = None
        self.in_steps = False

    def reset_time(self) -> None:
        """Nothing: the plan's clock starts with its first phase, not while the run is prepared."""

    def elapsed_seconds(self) -> float:
        """Seconds since the first phase began; 0 before."""
        return 0.0 if self.plan is None else self.clock() - self._started

    def seconds_left_in_phase(self) -> float:
        """Until the planned end of the phase that was last announced; 0 outside a phase."""
        if self.plan is None or self._index is None:
            return 0.0
        ends = sum(phase.seconds for phase in self.plan.phases[: self._index + 1])
        return max(0.0, ends - self.elapsed_seconds())

    def cancel(self) -> None:
        """End the run at the next tick, on the same path as a plan that is over."""
        self._cancelled = True

    def skip_to_cooldown(self) -> bool:
        """End the load now: go on with the plan's last phase. False where there is none.

        Loads that were still to come (stairs, a second wave) are left out with their cooldowns.
        """
        if self.plan is None or self._index is None:
            return False
        last = len(self.plan.phases) - 1
        if self._index >= last or self.plan.phases[last].users:
            return False
        self._go_on_with(last)
        return True

    def skip_to_rest(self) -> str | None:
        """End a part of the load that is asked alone: go on with the rest behind it, and the plan.

        The name of the phase that ended; None where the phase is no such part.
        """
        if self.plan is None or self._index is None:
            return None
        now = self.plan.phases[self._index]
        if not now.isolates:
            return None
        rest = next(
            number
            for number, phase in enumerate(self.plan.phases)
            if number > self._index and not phase.users
        )
        self._go_on_with(rest)
        return now.name

    def _go_on_with(self, index: int) -> None:
        self._started = self.clock() - self._seconds_before(index)
        self._following = index

    def _seconds_before(self, index: int) -> float:
        assert self.plan is not None  # noqa: S101 - it is being followed
        return sum(phase.seconds for phase in self.plan.phases[:index])

    def run_ended(self) -> None:
        """Forget the plan, so that the next start (web UI) takes a new one."""
        self._cancelled = self._held = False
        self.plan = None
        self._index = self._following = None

    def tick(self) -> tuple[int, float] | None:
        """Users and spawn rate now; None once the plan is over, which ends the run."""
        if self.listener is None:
            return None
        if self.plan is None:
            self.plan = self.listener.run_begins()
            self._started = self.clock()
        if self.plan is None or self._cancelled:
            return None
        index = self._due(self.plan)
        if index is None:
            self.listener.plan_completed()
            return None
        phase = self.plan.phases[index]
        if index != self._index:
            if not self.listener.may_begin(self.plan, index):
                self._held = True
                return self._hold(index)
            if self._held:
                # The phase has its whole length before it, however long the last tick is ago.
                self._hold(index)
                self._held = False
            self._index, self._following = index, None
            self.listener.phase_begins(self.plan, index)
        return self._step(phase, index) if self.in_steps else (phase.users, phase.spawn_rate)

    def _step(self, phase: Phase, index: int) -> tuple[int, float]:
        """As many users as the ramp has reached a second from now."""
        assert self.plan is not None  # noqa: S101 - it is being followed
        before = self.plan.phases[index - 1].users if index else 0
        if phase.users <= before:
            return phase.users, phase.spawn_rate
        into = self.elapsed_seconds() - self._seconds_before(index)
        reached = before + max(1, int(phase.spawn_rate * (into + 1)))
        # Two ticks lie up to two seconds apart: what a step adds is spawned at once.
        return min(phase.users, reached), 2 * phase.spawn_rate

    def _due(self, plan: PhasePlan) -> int | None:
        """The phase of this moment; one that a late tick would have skipped comes first."""
        index = plan.index_at(self.elapsed_seconds() + EARLY_SECONDS)
        following = self._following
        if following is None:
            following = 0 if self._index is None else self._index + 1
        skipped = index is None or index > following
        if skipped and following < len(plan.phases):
            self._hold(following)
            return following
        return index

    def _hold(self, index: int) -> tuple[int, float]:
        """No users, and no time passes, between two phases."""
        assert self.plan is not None  # noqa: S101 - it is being followed
        self._started = self.clock() - self._seconds_before(index)
        everybody = max((phase.users for phase in self.plan.phases), default=1)
        return 0, float(max(1, everybody))
