"""Phases, their memory and their requests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.aligning import align
from reports.findings import PhaseFigures
from reports.loading import load
from reports.phase_table import phase_table
from rundir import MemorySample
from tests.reports.made_run import MIB, MadeRun


def phases_of(made: MadeRun, *without: str) -> dict[str, PhaseFigures]:
    table = phase_table(align(load(made.write(without=without).path)))
    return {phase.name: phase for phase in table}


def test_memory_figures_are_those_of_the_phase(made: MadeRun) -> None:
    load_phase = phases_of(made)["load"]
    memory = load_phase.memory
    assert memory.measure == "pss"
    assert memory.min == 100 * MIB
    assert memory.mean == pytest.approx(150 * MIB, rel=0.01)
    assert memory.max_sampled == pytest.approx(200 * MIB, rel=0.01)


def test_a_high_water_mark_that_rose_within_the_phase_is_its_peak(made: MadeRun) -> None:
    phases = phases_of(made)
    assert phases["load"].memory.peak_high == 210 * MIB
    assert phases["cooldown"].memory.peak_high == 130 * MIB


def test_several_processes_are_sized_on_samples(made: MadeRun) -> None:
    def two(row: MemorySample) -> MemorySample:
        return replace(row, processes=2)

    memory = phases_of(made.but(sample=two))["load"].memory
    assert memory.peak_high == memory.max_sampled == memory.peak_low


def test_rss_is_used_and_named_where_pss_is_missing(made: MadeRun) -> None:
    memory = phases_of(made.but(sample=lambda row: replace(row, pss=None)))["baseline"].memory
    assert (memory.measure, memory.max_sampled) == ("rss", 102 * MIB)


def test_unreadable_ticks_are_unknown_and_never_zero(made: MadeRun) -> None:
    memory = phases_of(made.but(sample=lambda row: replace(row, rss=None, pss=None)))["load"].memory
    assert (memory.min, memory.peak_high) == (None, None)


def test_requests_and_percentiles_of_a_phase_are_exact(made: MadeRun) -> None:
    load_phase = phases_of(made)["load"]
    assert (load_phase.requests, load_phase.failures) == (1200, 12)
    assert (load_phase.p50_ms, load_phase.p95_ms, load_phase.p99_ms) == (10, 20, 300)
    assert load_phase.requests_per_second == pytest.approx(40)


def test_without_totals_counts_come_from_the_history_and_percentiles_are_unknown(
    made: MadeRun,
) -> None:
    load_phase = phases_of(made, "locust_stats.json")["load"]
    assert load_phase.requests == pytest.approx(1200, abs=40)
    assert load_phase.p95_ms is None


def test_without_any_counts_requests_are_unknown(made: MadeRun) -> None:
    phases = phases_of(made, "locust_stats.json", "locust_stats_history.csv")
    assert phases["load"].requests is None


def test_phases_are_read_from_tags_when_events_are_lost(made: MadeRun) -> None:
    assert list(phases_of(made, "events.jsonl")) == ["baseline", "load", "cooldown"]


def test_a_run_without_phases_is_one_unphased_phase(made: MadeRun) -> None:
    bare = made.but(sample=lambda row: replace(row, phase="unphased"), events=[])
    assert list(phases_of(bare)) == ["unphased"]


def test_a_phase_that_never_ended_ends_at_the_last_sample(made: MadeRun) -> None:
    load_phase = phases_of(made.but(cut=25.0))["load"]
    assert load_phase.seconds == pytest.approx(15, abs=0.2)
    assert load_phase.requests_per_second == pytest.approx(40, rel=0.02)
