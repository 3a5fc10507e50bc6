"""Exact peaks, peaks since start, and which figure decides."""

from __future__ import annotations

from dataclasses import replace

from reports.assemble import assemble
from reports.findings import MemoryFigures
from reports.loading import load
from rundir import MemorySample
from tests.reports.made_findings import Events, changed, findings_of
from tests.reports.made_run import MIB, START, MadeRun, event_list, memory_at


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
