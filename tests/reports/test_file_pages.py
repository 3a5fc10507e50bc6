"""Pages of files move with what other processes do: no verdict may stand on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from reports.aligning import align
from reports.loading import load
from reports.processes import process_table
from reports.tracing import trace_of
from rundir import MemorySample, ProcessSample
from tests.reports.made_findings import findings_of
from tests.reports.made_run import MIB, MadeRun

MOVED = 16 * MIB
GROWS = "memory grows by 13.7 KiB with each request"
"""MOVED by 1,200 requests."""

Measured = Callable[[MemorySample], MemorySample]


def in_load(elapsed: float) -> float:
    """0 before the load, 1 after it, in between as far as it has come."""
    return min(1.0, max(0.0, (elapsed - 10) / 30))


def by_pss(files: float, kept: float, *, told: bool = True) -> Measured:
    """80 MiB, 30 of them files; bytes by which the files' share and what is kept change."""

    def sample(row: MemorySample) -> MemorySample:
        of_files = round(30 * MIB + files * in_load(row.elapsed))
        pss = round(50 * MIB + kept * in_load(row.elapsed)) + of_files
        rss = round(120 * MIB + kept * in_load(row.elapsed))
        return replace(row, rss=rss, pss=pss, pss_file=of_files if told else None)

    return sample


def by_group(files: float, kept: float) -> Measured:
    """The same in a memory group that also holds 40 MiB of files that were used once."""

    def sample(row: MemorySample) -> MemorySample:
        twice = round(30 * MIB + files * in_load(row.elapsed))
        anonymous = round(50 * MIB + kept * in_load(row.elapsed))
        return replace(
            row,
            pss=None,
            cgroup_usage=anonymous + 30 * MIB + 40 * MIB,
            working_set=anonymous + twice,
            cgroup_file=70 * MIB,
            cgroup_shmem=0,
        )

    return sample


@pytest.mark.parametrize("measured", [by_pss, by_group])
def test_files_of_which_others_let_go_are_no_leak(
    made: MadeRun, measured: Callable[..., Measured]
) -> None:
    found = findings_of(made.but(sample=measured(MOVED, 0)))
    assert found.verdict.memory == "stable", found.memory.reasons


def test_they_look_like_growth_where_the_system_does_not_tell_them_apart(made: MadeRun) -> None:
    found = findings_of(made.but(sample=by_pss(MOVED, 0, told=False)))
    assert GROWS in found.memory.reasons[0]


@pytest.mark.parametrize("measured", [by_pss, by_group])
@pytest.mark.parametrize("files", [0, MOVED, -MOVED])
def test_what_is_kept_beside_them_is_told_whichever_way_they_move(
    made: MadeRun, measured: Callable[..., Measured], files: int
) -> None:
    found = findings_of(made.but(sample=measured(files, MOVED)))
    assert GROWS in found.memory.reasons[0]


def test_a_process_that_maps_more_of_its_files_does_not_grow(made: MadeRun) -> None:
    def mapping(row: ProcessSample) -> ProcessSample:
        files = round(30 * MIB + MOVED * in_load(row.elapsed))
        return replace(row, rss=50 * MIB + files, pss=None, rss_file=files)

    run = align(load(made.but(process=mapping).write().path))
    (life,) = trace_of(run, process_table(run), None).lives
    assert len(life.memory) > 40
    assert set(life.memory - life.memory[0]) == {0.0}


@pytest.mark.parametrize("measured", [by_pss, by_group])
def test_phases_still_count_them(made: MadeRun, measured: Callable[..., Measured]) -> None:
    found = findings_of(made.but(sample=measured(MOVED, 0)))
    assert found.phases[-1].memory.mean == 80 * MIB + MOVED
