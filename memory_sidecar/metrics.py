"""The same state as Prometheus text, by the field's own library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from rundir import INSIDE_COLUMNS

GAUGES = (
    ("plimsoll_target_rss_bytes", "rss", "Sum of resident sizes of the target's processes"),
    ("plimsoll_target_pss_bytes", "pss", "Sum of proportional sizes of the target's processes"),
    ("plimsoll_target_used_bytes", "used", "What counts: working set, else PSS, else RSS"),
    ("plimsoll_target_peak_bytes", "peak", "Largest sampled size so far"),
    ("plimsoll_target_limit_bytes", "limit", "The limit that alerts refer to"),
    ("plimsoll_target_processes", "processes", "Live processes of the target"),
    ("plimsoll_users", "users", "Simulated users as announced"),
)
COUNTERS = (
    ("plimsoll_sidecar_ticks", "ticks", "Samples taken"),
    ("plimsoll_sidecar_late_ticks", "late_ticks", "Samples taken late"),
    ("plimsoll_sidecar_missed_ticks", "missed_ticks", "Samples that could not be taken"),
    ("plimsoll_sidecar_cpu_seconds", "cpu_seconds", "CPU time of the sidecar"),
)


class _StatusCollector(Collector):
    def __init__(self, status: dict[str, Any]) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        for name, key, what in GAUGES:
            if self._status[key] is not None:
                yield GaugeMetricFamily(name, what, value=self._status[key])
        for name, key, what in COUNTERS:
            yield CounterMetricFamily(name, what, value=self._status[key])
        for column in INSIDE_COLUMNS:
            if column.name in self._status["inside"]:
                value = self._status["inside"][column.name]
                name = f"plimsoll_target_{column.name}"
                yield GaugeMetricFamily(name, f"{column.meaning}, {column.unit}", value=value)
        yield InfoMetricFamily(
            "plimsoll_phase", "The phase in force", value={"phase": self._status["phase"]}
        )


def metrics_text(status: dict[str, Any]) -> bytes:
    """Prometheus' text format; unknown values are left out, never 0."""
    registry = CollectorRegistry()
    registry.register(_StatusCollector(status))
    return generate_latest(registry)
