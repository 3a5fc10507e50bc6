"""What a lone sidecar says at the end: min, mean, peak, trend."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Summary:
    """Sizes in bytes; the trend in bytes per minute. None where nothing could be read."""

    measure: str
    seconds: float
    samples: int
    min_bytes: int | None
    mean_bytes: int | None
    peak_bytes: int | None
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
            f"{self.mean_bytes / MIB:,.1f} MiB, peak {self.peak_bytes / MIB:,.1f} MiB (sampled)"
        )
        if trend is not None:
            lines.append(f"trend: {trend / MIB:+.2f} MiB per minute (a slope, not a verdict)")
        return "\n".join(lines)


def summarise(
    points: Sequence[tuple[float, int]], measure: str, *, late: int, missed: int, end: str
) -> Summary:
    """Summary of (elapsed seconds, bytes). The trend is the least-squares slope (stdlib)."""
    if not points:
        return Summary(measure, 0.0, 0, None, None, None, None, late, missed, end)
    times, sizes = [t for t, _ in points], [size for _, size in points]
    trend = None
    if len(points) > 2 and times[-1] > times[0]:
        trend = 60 * statistics.linear_regression(times, sizes).slope
    return Summary(
        measure,
        times[-1] - times[0],
        len(points),
        min(sizes),
        round(statistics.fmean(sizes)),
        max(sizes),
        trend,
        late,
        missed,
        end,
    )
