"""The stop switch: too many failures, or memory near its limit, for long enough.

Arithmetic alone: the caller says when it looks, so that each second can be tested.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FEWEST_REQUESTS = 5
"""In the window: a share of fewer requests says little."""

ERROR_RATE, MEMORY = "error_rate", "memory"


@dataclass(frozen=True, slots=True)
class StopRules:
    """Shares (0 to 1) above which the load is stopped, None: never; over how many seconds."""

    error_rate: float | None = None
    memory: float | None = None
    seconds: float = 10.0

    @property
    def any(self) -> bool:
        """Whether anything can stop the load."""
        return self.error_rate is not None or self.memory is not None


@dataclass(frozen=True, slots=True)
class Look:
    """One moment under load: monotonic seconds, all requests and failures so far, bytes."""

    at: float
    requests: int
    failures: int
    memory_bytes: int | None = None
    limit_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the load ends: `value` and `limit` are shares; `seconds`: over how many."""

    reason: str
    value: float
    limit: float
    seconds: float

    def words(self) -> str:
        """The reason for people."""
        if self.reason == ERROR_RATE:
            what = f"{self.value:.0%} of the requests of the last {self.seconds:g} s failed"
        else:
            what = f"memory was at {self.value:.0%} of its limit, too high for {self.seconds:g} s"
        return f"{what} (stop above {self.limit:.0%})"


class StopSwitch:
    """Looks at the load once a second or so and says when it is to end."""

    def __init__(self, rules: StopRules) -> None:
        self._rules = rules
        self._looks: deque[Look] = deque()
        self._above_since: float | None = None

    def rest(self) -> None:
        """There is no load: what was seen before says nothing about the next one."""
        self._looks.clear()
        self._above_since = None

    def look(self, now: Look) -> Stop | None:
        """The reason to stop, if this look gives one."""
        stop = self._failing(now) or self._filling(now)
        if stop is not None:
            self.rest()
        return stop

    def _failing(self, now: Look) -> Stop | None:
        """The share of failures in the last `seconds`, once there has been load for so long."""
        most, seconds = self._rules.error_rate, self._rules.seconds
        if most is None:
            return None
        looks = self._looks
        looks.append(now)
        while len(looks) > 1 and looks[1].at <= now.at - seconds:
            looks.popleft()
        first = looks[0]
        requests = now.requests - first.requests
        if now.at - first.at < seconds or requests < FEWEST_REQUESTS:
            return None
        share = (now.failures - first.failures) / requests
        return Stop(ERROR_RATE, share, most, seconds) if share > most else None

    def _filling(self, now: Look) -> Stop | None:
        """Memory above its share at every look of the last `seconds`."""
        most, seconds = self._rules.memory, self._rules.seconds
        if most is None or now.memory_bytes is None or not now.limit_bytes:
            # A look that saw nothing is no evidence, neither for nor against.
            return None
        share = now.memory_bytes / now.limit_bytes
        if share <= most:
            self._above_since = None
            return None
        if self._above_since is None:
            self._above_since = now.at
        over = now.at - self._above_since >= seconds
        return Stop(MEMORY, share, most, seconds) if over else None
