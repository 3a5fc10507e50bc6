"""Exact peaks, measures, departures, happenings and the cost of measuring."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reports.assemble import assemble
from reports.findings import Findings, MemoryFigures
from reports.loading import load
from rundir import MemorySample
from tests.reports.made_run import MIB, START, MadeRun, event_list, memory_at

Events = list[tuple[str, float, dict[str, Any]]]


def findings_of(made: MadeRun) -> Findings:
    return assemble(load(made.write().path), START + 1000)[1]


def load_memory(made: MadeRun) -> MemoryFigures:
    return findings_of(made).phases[1].memory


def with_windows(row: MemorySample) -> MemorySample:
    """A spike of 80 MiB between two samples at 30 s, in the column that sees it."""
    spike = 80 * MIB if abs(row.elapsed - 30) < 0.01 else 0
    return replace(row, peak=memory_at(row.elapsed) + spike)


def in_own_group(row: MemorySample) -> MemorySample:
    used = memory_at(row.elapsed)
    return replace(row, cgroup_usage=used + 30 * MIB, working_set=used + 5 * MIB)


def with_group_peak(row: MemorySample) -> MemorySample:
    return replace(in_own_group(with_windows(row)), cgroup_peak=memory_at(row.elapsed) + 31 * MIB)


def changed(name: str, **fields: Any) -> Events:
    """The usual events, with more fields in all of that name."""
    return [(n, at, {**f, **fields} if n == name else f) for n, at, f in event_list()]


def with_events(*more: tuple[str, float, dict[str, Any]]) -> Events:
    return sorted([*event_list(), *more], key=lambda event: event[1])


def test_a_spike_between_two_samples_is_the_phases_upper_peak(made: MadeRun) -> None:
    memory = load_memory(made.but(sample=with_windows))
    assert memory.peak_high == memory_at(30) + 80 * MIB
    assert memory.peak_low == memory.max_sampled
    assert memory.peak_source == "high-water mark"


def test_the_window_that_ends_with_the_phase_counts_too(made: MadeRun) -> None:
    events = changed("phase_ended", peak_high=300 * MIB)
    memory = load_memory(made.but(sample=with_windows, events=events))
    assert memory.peak_high == 300 * MIB


def test_several_processes_peak_at_most_at_the_sum_of_their_marks(made: MadeRun) -> None:
    found = findings_of(made.but(sample=lambda row: replace(with_windows(row), processes=3)))
    assert found.phases[1].memory.peak_source == "sum of high-water marks"
    assert any("Peaks are upper ends" in caveat for caveat in found.caveats)
    assert not any("can be missed" in caveat for caveat in found.caveats)


def test_the_working_set_decides_where_the_target_has_its_own_group(made: MadeRun) -> None:
    found = findings_of(made.but(sample=with_group_peak))
    memory = found.phases[0].memory
    assert (memory.measure, memory.max_sampled) == ("working_set", 105 * MIB)
    assert found.phases[1].memory.peak_source == "cgroup peak"


def test_file_pages_that_are_charged_elsewhere_are_told_with_their_size(made: MadeRun) -> None:
    def small(row: MemorySample) -> MemorySample:
        return replace(in_own_group(row), working_set=memory_at(row.elapsed) - 20 * MIB)

    caveats = findings_of(made.but(sample=small)).caveats
    assert any("up to 20.0 MiB more" in caveat for caveat in caveats)


def since_start_group(row: MemorySample) -> MemorySample:
    """The group's mark stands at 150 MiB until a spike at 30 s lifts it; 25 MiB are inactive."""
    mark = 150 if row.elapsed < 30 else 290
    return replace(in_own_group(row), cgroup_peak=mark * MIB)


def since_start_events() -> Events:
    marks = {"baseline": 150 * MIB, "load": 290 * MIB, "cooldown": 290 * MIB}
    return [
        (n, at, {**f, "cgroup_peak": marks[f["phase"]], "cgroup_since_start": True})
        if n == "phase_ended"
        else (n, at, f)
        for n, at, f in event_list()
    ]


def test_a_group_whose_peak_cannot_be_set_back_says_since_start(made: MadeRun) -> None:
    events = since_start_events()
    found = findings_of(made.but(sample=since_start_group, events=events))
    assert found.phases[1].memory.peak_high == (290 - 25) * MIB
    assert found.phases[1].memory.peak_source == "cgroup peak since start"
    assert any("Peaks in load come from the cgroup's high-water" in c for c in found.caveats)


def test_a_group_mark_that_rose_after_the_last_sample_counts(made: MadeRun) -> None:
    events = [
        (n, at, {**f, "cgroup_peak": 320 * MIB} if f.get("phase") == "load" else f)
        for n, at, f in since_start_events()
    ]
    assert load_memory(made.but(sample=since_start_group, events=events)).peak_high == 295 * MIB


def test_a_group_mark_that_stood_still_is_no_peak_of_the_phase(made: MadeRun) -> None:
    made = made.but(sample=since_start_group, events=since_start_events())
    memory = findings_of(made).phases[2].memory
    assert (memory.peak_high, memory.peak_source) == (memory.max_sampled, "samples")


def test_a_group_without_a_peak_leaves_the_processes_marks(made: MadeRun) -> None:
    found = findings_of(made.but(sample=lambda row: replace(in_own_group(row), peak=250 * MIB)))
    assert found.phases[1].memory.peak_source == "high-water mark"
    assert any("page cache and kernel memory of the group" in c for c in found.caveats)


def test_marks_that_were_never_set_back_say_since_start(made: MadeRun) -> None:
    assert load_memory(made).peak_source == "high-water mark since start"


def test_marks_whose_right_was_lost_in_the_phase_are_not_called_exact(made: MadeRun) -> None:
    events = changed("phase_ended", since_start=True, peaks={"4711": 215 * MIB})
    memory = load_memory(made.but(sample=with_windows, events=events))
    assert memory.peak_high == memory_at(30) + 80 * MIB
    assert memory.peak_source == "high-water mark since start"


def test_the_sum_of_marks_since_start_is_the_last_resort(made: MadeRun) -> None:
    made = made.but(sample=lambda row: replace(row, processes=2))
    directory = made.write()
    rows = directory.process_samples.read_text().splitlines(keepends=True)
    twins = [row.replace(",4711,", ",4712,") for row in rows[1:]]
    directory.process_samples.write_text("".join([*rows, *twins]))
    found = assemble(load(directory.path), START + 1000)[1]
    # Two marks of 210 MiB, less the 2 MiB that the samples say are shared.
    assert found.phases[1].memory.peak_high == (2 * 210 - 2) * MIB
    assert found.phases[1].memory.peak_source == "sum of high-water marks since start"
    assert found.phases[2].memory.peak_source == "samples"


def test_marks_of_processes_one_after_the_other_are_not_added_up(made: MadeRun) -> None:
    many = {str(pid): 200 * MIB for pid in range(50)}
    events = changed("phase_ended", since_start=True, peaks=many)
    memory = load_memory(made.but(sample=lambda r: replace(r, processes=2), events=events))
    assert (memory.peak_high, memory.peak_source) == (memory.max_sampled, "samples")


def test_a_run_of_an_older_writer_is_read_without_complaint_about_columns(made: MadeRun) -> None:
    directory = made.write()
    lines = directory.memory_samples.read_text().splitlines()
    old = [",".join(line.split(",")[:19]) for line in lines]
    directory.memory_samples.write_text("\n".join(old) + "\n")
    found = assemble(load(directory.path), START + 1000)[1]
    assert found.phases[1].memory.peak_high == 210 * MIB
    assert not any("memory_samples.csv" in caveat for caveat in found.caveats)


def test_the_sum_of_rss_is_told_beside_pss_where_pages_are_shared(made: MadeRun) -> None:
    shared = made.but(sample=lambda row: replace(row, rss=4 * (row.pss or 0)))
    assert any("4.0 times the sum of PSS" in caveat for caveat in findings_of(shared).caveats)


def test_the_sum_of_rss_is_left_out_where_little_is_shared(made: MadeRun) -> None:
    assert not any("times the sum of PSS" in caveat for caveat in findings_of(made).caveats)


def test_an_oom_kill_of_one_worker_fails_although_the_target_lives(made: MadeRun) -> None:
    kill = ("oom_kill", 25.0, {"pids": [7], "count": 1, "group": "/g"})
    verdict = findings_of(made.but(events=with_events(kill))).verdict
    assert verdict.fit == "fails"
    assert verdict.sentence.startswith(
        "Fails: a process of the target was killed for lack of memory, at 25.0 s; peak"
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"cause": "recycled", "planned": True, "exit_code": 0}, "recycled, exit code 0, planned"),
        (
            {"cause": "oom_kill", "planned": False, "signal": 9},
            "killed for lack of memory, signal 9, unplanned",
        ),
        ({"cause": "signal", "planned": False, "signal": 11}, "signal 11, unplanned"),
        ({"cause": "unknown", "planned": None}, ""),
    ],
)
def test_departures_are_told_in_words(made: MadeRun, fields: dict[str, Any], text: str) -> None:
    worker = {"pid": 7, "create_time": START + 1, "role": "child"}
    events = with_events(("process_exited", 20.0, worker | fields))
    row = next(row for row in findings_of(made.but(events=events)).processes if row.pid == 7)
    assert row.departure == text


def test_recycled_workers_are_counted_apart_from_crashed_ones(made: MadeRun) -> None:
    def exited(pid: int, **fields: Any) -> tuple[str, float, dict[str, Any]]:
        return "process_exited", 20.0, {"pid": pid, "create_time": START + pid, **fields}

    events = with_events(
        exited(7, cause="recycled", planned=True),
        exited(8, cause="signal", planned=False, signal=6),
    )
    caveats = findings_of(made.but(events=events)).caveats
    assert "1 worker(s) were recycled as planned." in caveats
    assert any("1 process(es) of the target exited unplanned (pid 8:" in text for text in caveats)


def test_what_the_parent_saw_completes_what_the_sidecar_could_not(made: MadeRun) -> None:
    events = [event for event in event_list() if event[0] != "process_exited"]
    root = {"pid": 4711, "create_time": START - 5, "role": "root", "cause": "unknown"}
    events.append(("process_exited", 49.0, {**root, "planned": None}))
    events.append(
        ("process_exited", 49.1, {"pid": 4711, "create_time": None, "signal": 9, "planned": False})
    )
    (row,) = findings_of(made.but(events=sorted(events, key=lambda e: e[1]))).processes
    assert (row.signal, row.planned) == ("9", False)


def test_gaps_restarts_and_missing_rights_are_told(made: MadeRun) -> None:
    events = with_events(
        ("sidecar_gap", 20.0, {"seconds": 5.0, "reason": "paused"}),
        ("sidecar_restarted", 22.0, {"seconds": 0.8, "attempt": 1}),
        ("target_restarted", 23.0, {"old_pid": 1, "pid": 2, "seconds": 0.5}),
        ("read_denied", 24.0, {"pids": [1], "reason": "needs CAP_SYS_PTRACE"}),
    )
    caveats = findings_of(made.but(events=events)).caveats
    assert "Gap of the sidecar at 20.0 s, blind for 5.0 s: paused." in caveats
    assert "The sidecar was started again at 22.0 s after 0.8 s." in caveats
    assert "The target was restarted: at 23.0 s pid 2 took the place of pid 1." in caveats
    assert "From 24.0 s on a right was missing: needs CAP_SYS_PTRACE." in caveats


def test_what_the_sources_cannot_see_is_told_once(made: MadeRun) -> None:
    more = ("sidecar_started", 30.0, {"pid": 2, "cannot_see": ["tmpfs files"]})
    events = [*changed("sidecar_started", cannot_see=["tmpfs files"]), more]
    caveats = findings_of(made.but(events=sorted(events, key=lambda e: e[1]))).caveats
    assert caveats.count("Not seen: tmpfs files.") == 1


def test_a_phase_that_a_new_sidecar_announces_again_is_one_phase(made: MadeRun) -> None:
    again = ("phase_started", 25.0, {"phase": "load", "index": 1, "seconds": 30, "users": 20})
    phases = findings_of(made.but(events=with_events(again))).phases
    assert [(phase.name, phase.seconds) for phase in phases] == [
        ("baseline", 10.0),
        ("load", 30.0),
        ("cooldown", 10.0),
    ]


def test_the_cost_of_measuring_is_told_over_all_sidecars(made: MadeRun) -> None:
    account = {
        "ticks": 100,
        "late_ticks": 2,
        "missed_ticks": 1,
        "cpu_seconds": 0.1,
        "seconds": 10.0,
        "seconds_by_source": {"statm": 0.01, "write": 0.02},
        "pss_period_seconds": 1.5,
        "rss_bytes": 40 * MIB,
    }
    events = with_events(("sidecar_stopped", 20.0, account), ("sidecar_stopped", 50.0, account))
    cost = findings_of(made.but(events=events)).cost
    assert cost.cpu_fraction == pytest.approx(0.01)
    assert (cost.ticks, cost.late_ticks) == (200, 4)
    assert [name for name, _ in cost.milliseconds_by_source] == ["write", "statm"]
    assert dict(cost.milliseconds_by_source) == pytest.approx({"write": 2, "statm": 1})


def test_a_killed_sidecars_cost_is_unknown_and_not_zero(made: MadeRun) -> None:
    assert findings_of(made).cost.cpu_fraction is None
