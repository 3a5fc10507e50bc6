"""Pages of files that move, and rests that last longer, are no request's doing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reports.aligning import align
from reports.attribution.undisturbed import undisturbed
from reports.loading import load
from reports.tracing import trace_of
from rundir import RunDirectory
from tests.attribution.made_attribution import KIB, MIB, Service, attributed, of, write_run

LEAK = Service(retained={"/report": 20 * KIB}, transient={"/export": 30 * MIB})
FILES, USED_TWICE, RISE = 60 * MIB, 20 * MIB, 8 * MIB


def as_a_group(directory: RunDirectory, moved_at: float | None) -> RunDirectory:
    """The same run measured by a memory group; from then on more file pages count as used twice."""
    frame = pd.read_csv(directory.memory_samples)
    rise = 0 if moved_at is None else RISE * (frame["elapsed"] >= moved_at)
    frame["cgroup_usage"] = frame["pss"] + FILES
    frame["cgroup_file"], frame["cgroup_shmem"] = FILES, 0
    frame["working_set"] = frame["pss"] + USED_TWICE + rise
    # Usage does not move with it; what is taken off the mark does.
    frame["cgroup_peak"] = frame["peak"] + FILES
    frame["peak"] += USED_TWICE + rise
    frame.to_csv(directory.memory_samples, index=False)
    return directory


def rest_before(directory: RunDirectory, part: str) -> tuple[float, float]:
    """Seconds of the rest before a part."""
    run = align(load(directory.path))
    position = [one.window.name for one in run.phases].index(part) - 1
    window = run.phases[position].window
    return window.start - run.origin, window.end - run.origin


def test_pages_of_files_that_are_used_again_in_a_rest_are_kept_by_no_endpoint(
    tmp_path: Path,
) -> None:
    still = as_a_group(write_run(tmp_path / "still", LEAK), None)
    start, end = rest_before(still, "load-2-get-export-single")
    # In the middle of what is settled of it, and only at the end of it: the level is half moved.
    for number, share in enumerate((0.7, 0.75, 0.95)):
        made = write_run(tmp_path / f"moved-{number}", LEAK)
        moved = as_a_group(made, start + share * (end - start))
        assert attributed(moved) == attributed(still)


def test_a_run_without_such_a_move_has_the_figures_of_its_processes(tmp_path: Path) -> None:
    by_group, _ = attributed(as_a_group(write_run(tmp_path / "group", LEAK), None))
    by_processes, _ = attributed(write_run(tmp_path / "processes", LEAK))
    for path in ("/report", "/export", "/search"):
        one, other = of(by_group, path).retained, of(by_processes, path).retained
        assert one is not None and other is not None
        assert one.raw == pytest.approx(other.raw, abs=200)


def test_what_a_service_takes_beside_its_files_still_counts(tmp_path: Path) -> None:
    found, _ = attributed(as_a_group(write_run(tmp_path / "run", LEAK), 60.0))
    kept, needed = of(found, "/report").retained, of(found, "/export").transient
    assert kept is not None and kept.value == pytest.approx(20 * KIB, rel=0.15)
    assert needed is not None and needed.value == pytest.approx(30 * MIB, rel=0.15)


def test_a_rest_ends_when_it_was_planned_to_and_a_load_does_not(tmp_path: Path) -> None:
    """The reports are asked at the end of a rest: while they run, shared pages count for less."""
    run = align(load(write_run(tmp_path / "run", LEAK).path))
    planned = run.data.info.phases
    longer = tuple(replace(one, seconds=(one.seconds or 0) / 2) for one in planned)
    run = replace(run, data=replace(run.data, info=replace(run.data.info, phases=longer)))
    own, trace = undisturbed(run, trace_of(run, (), None))
    for before, after in zip(run.phases, own.phases, strict=True):
        share = 1.0 if before.users else 0.5
        assert len(after.memory) == pytest.approx(share * len(before.memory), abs=1)
        seconds = [one.window.end - one.window.start for one in (before, after)]
        assert seconds[1] == pytest.approx(share * seconds[0])
    inside = sum(len(phase.memory) for phase in own.phases)
    assert len(own.data.memory) == len(trace.time) == len(trace.memory) == inside
    assert np.all(np.diff(trace.time) > 0)


def test_without_any_sample_in_the_first_phase_nothing_is_taken_off(tmp_path: Path) -> None:
    made = write_run(tmp_path / "run", LEAK, unread=("baseline",))
    run = align(load(as_a_group(made, None).path))
    own, _ = undisturbed(run, trace_of(run, (), None))
    assert own.data.memory["working_set"].equals(run.data.memory["working_set"].astype(float))
