"""What a lone sidecar says at the end: min, mean, peak, trend."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from rundir import MemorySample

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
    peak_from: str | None
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
        lines.append(
            f"memory ({self.measure}): min {self.min_bytes / MIB:,.1f} MiB, mean "
            f"{self.mean_bytes / MIB:,.1f} MiB, peak {self.peak_bytes / MIB:,.1f} MiB "
            f"(from the {self.peak_from})"
        )
        if trend is not None:
            lines.append(f"trend: {trend / MIB:+.2f} MiB per minute (a slope, not a verdict)")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest since the sample before in bytes (None: only samples are known), and its source.

    One process's mark and a group's are exact; the sum of several marks is an upper end.
    """

    size: int | None
    source: str


# The weakest of a watch's sources is the one that its peak stands on.
PEAK_SOURCES = ("samples", "sum of high-water marks", "high-water mark", "cgroup's peak")


def peak_of(sample: MemorySample) -> Peak:
    """What a sample knows of the time since the one before."""
    if sample.peak is None:
        return Peak(None, "samples")
    if sample.working_set is not None:
        return Peak(sample.peak, "cgroup's peak")
    one = sample.processes == 1
    return Peak(sample.peak, "high-water mark" if one else "sum of high-water marks")


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
        self._sources: set[str] = set()

    def add(self, elapsed_seconds: float, used_bytes: int, peak: Peak) -> None:
        """One sample, with the highest since the one before."""
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
        self._peak = max(self._peak, used_bytes, peak.size or 0)
        self._sources.add(peak.source)

    def summary(self, measure: str, *, late: int, missed: int, end: str) -> Summary:
        """All of it. The trend is the least-squares slope (stdlib) of evenly kept samples."""
        if not self._count:
            return Summary(measure, 0.0, 0, None, None, None, None, None, late, missed, end)
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
            next(source for source in PEAK_SOURCES if source in self._sources),
            trend,
            late,
            missed,
            end,
        )
