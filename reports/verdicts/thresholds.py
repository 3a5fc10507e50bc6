"""Thresholds that people know, and may set."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Growth from baseline to cooldown (bytes) that is a warning or critical, usage of the limit
    (fractions) that is, the share of a load's growth that a healthy service gives back, and the
    share of failed requests from which a run says nothing. `heap_`: of a runtime's own heap; `gc_`:
    shares of the load's time in collections, and full collections per minute (None: no line).
    """

    growth_warning_bytes: int = 50 * MIB
    growth_critical_bytes: int = 100 * MIB
    usage_warning: float = 0.80
    usage_critical: float = 0.90
    released_fraction: float = 0.5
    failed_fraction: float = 0.05
    heap_growth_warning_bytes: int = 50 * MIB
    heap_growth_critical_bytes: int = 100 * MIB
    gc_time_warning: float = 0.05
    gc_time_critical: float = 0.10
    gc_runs_warning: float | None = None

    def growth_word(self, growth_bytes: float) -> str:
        """healthy, warning or critical."""
        if growth_bytes < self.growth_warning_bytes:
            return "healthy"
        return "warning" if growth_bytes <= self.growth_critical_bytes else "critical"
