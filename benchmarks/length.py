"""How long to measure: the length that the results are published with, or a short look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Length:
    """Seconds and counts of all benchmarks that can be shortened."""

    spike_seconds: float
    cost_seconds: float
    pairs: int
    block_seconds: float
    throughput_pairs: int
    overhead_runs: int
    endurance_ticks: int


FULL = Length(
    spike_seconds=60,
    cost_seconds=30,
    pairs=10,
    block_seconds=2,
    throughput_pairs=5,
    overhead_runs=3,
    endurance_ticks=864_000,
)
QUICK = Length(
    spike_seconds=15,
    cost_seconds=5,
    pairs=3,
    block_seconds=1,
    throughput_pairs=1,
    overhead_runs=1,
    endurance_ticks=50_000,
)
