"""When the next request may go, so that a rate is kept: arithmetic alone, no clock inside."""

from __future__ import annotations

CATCH_UP_SECONDS = 0.1
"""Timers wake late; this much may be made up for, 1 % over 10 s."""

CATCH_UP_FROM = 10.0
"""Requests per second. Below, one request more in 10 s is more than 1 %, and timers late by a
millisecond cost nothing."""


class Spacing:
    """Slots that are 1 / rate apart. A rate of 0 lets nothing through."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._next = float("-inf")

    def delay(self, now: float) -> float:
        """Seconds until the next slot."""
        return max(0.0, self._next - now)

    def take(self, now: float) -> None:
        """The slot is used."""
        catch_up = CATCH_UP_SECONDS if self.rate >= CATCH_UP_FROM else 0.0
        on_time = now - self._next <= catch_up
        # Later than that nobody was there: what was not sent then is not sent now.
        self._next = (self._next if on_time else now) + 1 / self.rate

    def charge(self) -> None:
        """A request went without having asked (a redirect): the next one waits for it."""
        self._next += 1 / self.rate
