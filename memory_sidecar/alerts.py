"""Alerts at 80 % and 90 % of the limit, once per crossing."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = (80, 90)
REARM_BELOW = 5


@dataclass(frozen=True, slots=True)
class Alert:
    """A level (percent) that was crossed; sizes in bytes."""

    level: int
    used_bytes: int
    limit_bytes: int
    limit_source: str
    measure: str

    @property
    def text(self) -> str:
        """The alert as one sentence."""
        share = 100 * self.used_bytes / self.limit_bytes
        whose = {"given": "the given limit", "cgroup": "the cgroup's limit"}.get(
            self.limit_source, "the machine's memory"
        )
        return (
            f"memory ({self.measure}) {self.used_bytes / 2**20:,.1f} MiB is {share:.0f} % of "
            f"{whose}, {self.limit_bytes / 2**20:,.1f} MiB: over {self.level} %"
        )


class AlertWatch:
    """Fires a level when it is crossed; it must fall 5 points below to fire again."""

    def __init__(self, limit_bytes: int, limit_source: str) -> None:
        self._limit_bytes = limit_bytes
        self._limit_source = limit_source
        self._fired: set[int] = set()

    def check(self, used_bytes: int, measure: str) -> list[Alert]:
        """Alerts that this size sets off, lowest level first."""
        share = 100 * used_bytes / self._limit_bytes
        self._fired = {level for level in self._fired if share >= level - REARM_BELOW}
        crossed = [level for level in LEVELS if share >= level and level not in self._fired]
        self._fired |= set(crossed)
        return [
            Alert(level, used_bytes, self._limit_bytes, self._limit_source, measure)
            for level in crossed
        ]
