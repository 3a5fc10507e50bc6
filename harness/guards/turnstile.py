"""Where requests queue for their slot: first come, first served, nobody spins, nobody starves."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import gevent
from gevent.event import Event

from harness.guards.spacing import Spacing


class Turnstile:
    """Lets at most `rate` requests a second through, all users of this process together.

    Waiting is a greenlet that sleeps: the first in the queue until its slot, the others until they
    are the first. A user that is taken away while it waits leaves its slot to the next.
    """

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = gevent.sleep,
    ) -> None:
        self._spacing = Spacing(rate)
        self._clock = clock
        self._sleep = sleep
        self._queue: deque[Event] = deque()
        self._open = Event()
        self.turn_to(rate)

    @property
    def rate(self) -> float:
        """Requests per second; 0: closed."""
        return self._spacing.rate

    def turn_to(self, rate: float) -> None:
        """Another rate from now on (requests per second; 0 closes it)."""
        self._spacing.rate = rate
        if rate > 0:
            self._open.set()
        else:
            self._open.clear()

    def pass_through(self) -> None:
        """Block until this request may go."""
        turn = Event()
        self._queue.append(turn)
        try:
            if self._queue[0] is not turn:
                turn.wait()
            self._wait_for_slot()
        finally:
            self._queue.remove(turn)
            if self._queue:
                self._queue[0].set()

    def _wait_for_slot(self) -> None:
        while True:
            self._open.wait()
            delay = self._spacing.delay(self._clock())
            if delay <= 0:
                break
            self._sleep(delay)
        self._spacing.take(self._clock())

    def charge(self) -> None:
        """A request that went without passing: the next one waits for it."""
        if self.rate > 0:
            self._spacing.charge()
