"""What a lone sidecar says at the end: min, mean, peak, trend."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

MIB = 2**20
KEPT_POINTS = 4_096


@dataclass(frozen=True, slots=True)
class Summary:
    """Sizes in bytes; the trend in bytes per minute. None where nothing could be read."""

    measure: str
    seconds: float
    samples: int
    min_bytes: int | None
    mean_bytes: int | None
    peak_bytes: int | None
    peak_is_exact: bool
    trend_bytes_per_minute: float | None
    late_ticks: int
    missed_ticks: int
    end: str

    def text(self) -> str:
        """Lines for people."""
        trend = self.trend_bytes_per_minute
        lines = [
            f"{self.samples} samples in {self.seconds:.1f} s "
            f"({self.late_ticks} late, {self.missed_ticks} missed); {self.end}"
        ]
        if self.peak_bytes is None or self.min_bytes is None or self.mean_bytes is None:
            return lines[0] + "\nmemory: unknown, nothing could be read"
        how = "exact, from the kernel's high-water marks" if self.peak_is_exact else "sampled"
        lines.append(
            f"memory ({self.measure}): min {self.min_bytes / MIB:,.1f} MiB, mean "
            f"{self.mean_bytes / MIB:,.1f} MiB, peak {self.peak_bytes / MIB:,.1f} MiB ({how})"
        )
        if trend is not None:
            lines.append(f"trend: {trend / MIB:+.2f} MiB per minute (a slope, not a verdict)")
        return "\n".join(lines)


class Summing:
    """Takes one sample after the other and keeps little: a day at 10 Hz has 864,000."""

    def __init__(self) -> None:
        self._points: list[tuple[float, int]] = []
        self._every = 1
        self._count = 0
        self._sum = 0
        self._least: int | None = None
        self._peak = 0
        self._first = self._last = 0.0
        self._exact = True

    def add(self, elapsed_seconds: float, used_bytes: int, peak_bytes: int | None) -> None:
        """One sample; `peak_bytes` is the highest since the one before, None: not known."""
        if self._count % self._every == 0:
            self._points.append((elapsed_seconds, used_bytes))
            if len(self._points) > KEPT_POINTS:
                del self._points[1::2]
                self._every *= 2
        if self._count == 0:
            self._first = elapsed_seconds
        self._last = elapsed_seconds
        self._count += 1
        self._sum += used_bytes
        self._least = used_bytes if self._least is None else min(self._least, used_bytes)
        self._peak = max(self._peak, used_bytes, peak_bytes or 0)
        self._exact &= peak_bytes is not None

    def summary(self, measure: str, *, late: int, missed: int, end: str) -> Summary:
        """All of it. The trend is the least-squares slope (stdlib) of evenly kept samples."""
        if not self._count:
            return Summary(measure, 0.0, 0, None, None, None, False, None, late, missed, end)
        trend = None
        if len(self._points) > 2 and self._last > self._first:
            times, sizes = zip(*self._points, strict=True)
            trend = 60 * statistics.linear_regression(times, sizes).slope
        return Summary(
            measure,
            self._last - self._first,
            self._count,
            self._least,
            round(self._sum / self._count),
            self._peak,
            self._exact,
            trend,
            late,
            missed,
            end,
        )
