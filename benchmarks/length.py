"""How long to measure: the length that the results are published with, or a short look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blocks:
    """So many pairs of blocks, each of so many seconds."""

    pairs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Length:
    """Seconds and counts of all benchmarks that can be shortened."""

    spike_seconds: float
    cost_seconds: float
    churning: Blocks
    serving: Blocks
    throughput_pairs: int
    overhead_runs: int
    endurance_ticks: int
    report_seconds: int
    openings: int
    needs: int
    seeds: int


FULL = Length(
    spike_seconds=60,
    cost_seconds=30,
    # PSS of 500 MiB in 4 KiB pages is read every 3 to 4 seconds: a block holds two readings.
    churning=Blocks(pairs=6, seconds=7),
    serving=Blocks(pairs=10, seconds=2),
    throughput_pairs=5,
    overhead_runs=3,
    endurance_ticks=864_000,
    report_seconds=86_400,
    openings=10,
    needs=3,
    seeds=5,
)
QUICK = Length(
    spike_seconds=15,
    cost_seconds=5,
    churning=Blocks(pairs=2, seconds=3.5),
    serving=Blocks(pairs=4, seconds=1),
    throughput_pairs=1,
    overhead_runs=1,
    endurance_ticks=50_000,
    report_seconds=7_200,
    openings=2,
    needs=1,
    seeds=1,
)
