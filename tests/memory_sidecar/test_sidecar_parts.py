"""Carried proportional sizes, alerts, limits, discovery: the pure parts."""

from typing import Any

import pytest

from memory_sidecar.alerts import AlertWatch
from memory_sidecar.departures import Departure, classify
from memory_sidecar.discovery import Candidate, family_heads, find_by_name, matching
from memory_sidecar.errors import TargetError
from memory_sidecar.group_watch import Whose
from memory_sidecar.peaks import PeakTaker, PhasePeaks
from memory_sidecar.proportional import ProportionalReader
from memory_sidecar.reading import Details, Exit, Identity, Mark, Sizes
from memory_sidecar.slow_details import SlowDetails
from memory_sidecar.source_choice import choose_sources
from memory_sidecar.sources.exits import exit_of_wait_status
from memory_sidecar.summary import Peak, Summing
from rundir import RunClock

A, B = Identity(1, 0.0), Identity(2, 0.0)


class Rollup:
    """Every reading takes `cost` seconds of the injected clock."""

    def __init__(self, pss: int, cost: float = 0.0, rss: int = 100) -> None:
        self.rss, self.pss, self.cost = rss, pss, cost
        self.now, self.read_at = 0.0, list[float]()

    def __call__(self, _process: Identity) -> Sizes | None:
        self.read_at.append(self.now)
        self.now += self.cost
        return Sizes(self.rss, self.pss, 1, 2)

    def run(self, reader: ProportionalReader, rss_of: dict[Identity, int], seconds: int) -> None:
        """Ten ticks a second, as far as the readings leave time for them."""
        start = self.now
        for tick in range(10 * seconds):
            self.now = max(self.now, start + tick / 10)
            reader.measure(rss_of)


def reader_of(rollup: Rollup) -> ProportionalReader:
    return ProportionalReader(rollup, 0.1, lambda: rollup.now)


def test_between_measurements_the_last_difference_is_carried() -> None:
    rollup = Rollup(pss=60)
    reader = reader_of(rollup)
    reader.measure({A: 100})
    rollup.now = 0.5
    totals = reader.totals({A: 130, B: 7})
    assert totals is not None
    assert (totals.pss, totals.age_seconds) == (90 + 7, 0.5)


def test_what_is_shared_is_of_one_reading_whatever_the_tick_read_before() -> None:
    rollup = Rollup(pss=60, rss=100)
    reader = reader_of(rollup)
    # The tick saw 170 bytes; by the time of the reading 70 of them were unmapped.
    reader.measure({A: 170})
    assert reader.shared(A) == 40
    totals = reader.totals({A: 170})
    assert totals is not None
    assert totals.pss == 130


def test_a_cheap_measurement_is_made_once_a_second() -> None:
    rollup = Rollup(pss=1, cost=0.0001)
    rollup.run(reader_of(rollup), {A: 1}, seconds=10)
    assert len(rollup.read_at) == 10


@pytest.mark.parametrize(("processes", "cost"), [(1, 0.013), (1, 0.1), (50, 0.004)])
def test_all_readings_together_take_a_quarter_percent_of_the_time(
    processes: int, cost: float
) -> None:
    rollup = Rollup(pss=1, cost=cost)
    tree = {Identity(pid, 0.0): 1 for pid in range(processes)}
    rollup.run(reader_of(rollup), tree, seconds=200)
    # Beside the first ones, which are made at once and paid back later.
    assert 0.6 * 0.5 < len(rollup.read_at) * cost <= 0.5 + 0.05 + cost


def test_a_large_tree_is_measured_once_at_the_start_whatever_the_budget() -> None:
    rollup = Rollup(pss=1, cost=0.0002)
    tree = {Identity(pid, 0.0): 100 for pid in range(500)}
    reader = reader_of(rollup)
    rollup.run(reader, tree, seconds=3)
    assert {reader.shared(process) for process in tree} == {99}


def test_processes_that_come_and_go_all_the_time_cannot_use_up_more_than_the_debt() -> None:
    rollup = Rollup(pss=1, cost=0.004)
    reader = reader_of(rollup)
    for tick in range(2000):
        rollup.now = max(rollup.now, tick / 10)
        reader.measure({Identity(tick, 0.0): 1})
        reader.forget([Identity(tick, 0.0)])
    assert len(rollup.read_at) * rollup.cost <= 0.5 + 0.5 + 0.05 + rollup.cost


def test_who_was_never_measured_comes_first() -> None:
    rollup = Rollup(pss=1, cost=0.004)
    reader = reader_of(rollup)
    reader.measure({A: 1})
    rollup.now = 2.0
    reader.measure({A: 1, B: 1})
    assert reader.sizes_of(B) is not None


def test_nothing_measured_is_unknown_and_not_zero() -> None:
    assert reader_of(Rollup(pss=1)).totals({A: 1}) is None


def window(*marks: tuple[Identity, int], since_start: bool = False) -> dict[Identity, Mark]:
    return {process: Mark(size, since_start) for process, size in marks}


class Group:
    """A group whose usage peaked at `peak` bytes in each window; None: no group of its own."""

    peak_since_start = False

    def __init__(self, peak: int | None = None) -> None:
        self.peak = peak

    def take_peak(self) -> int | None:
        return self.peak


def taker_of(windows: list[dict[Identity, Mark]], group: Group | None = None) -> PeakTaker:
    """Takes the windows' marks, one window at each take."""
    now = iter(windows)
    current: dict[Identity, Mark] = {}

    def take_mark(process: Identity) -> Mark | None:
        if process == A:
            current.clear()
            current.update(next(now))
        return current.get(process)

    return PeakTaker(take_mark, group or Group())  # type: ignore[arg-type]


def unknown(_process: Identity) -> int | None:
    return None


def test_the_upper_end_of_a_forked_tree_counts_what_is_shared_once() -> None:
    taker = taker_of([window((A, 300), (B, 250))])
    shared = {A: 100, B: 150}
    assert taker.take([A, B], lambda p: shared[p], None).high == 300 - 100 + 250 - 150


def test_a_process_that_dies_counts_once_more_with_its_last_mark() -> None:
    taker = taker_of([window((A, 10), (B, 70)), window((A, 20)), window((A, 30))])
    highs = [taker.take(members, unknown, None).high for members in ((A, B), (A,), (A,))]
    assert highs == [80, 90, 30]


def test_marks_since_the_start_of_the_process_make_no_window() -> None:
    taker = taker_of([window((A, 10), since_start=True)])
    peaks = PhasePeaks()
    peaks.add(taker.take([A], unknown, None))
    assert (peaks.high, peaks.processes, peaks.since_start) == (None, {1: 10}, True)


def test_the_groups_own_peak_goes_before_the_sum_of_marks() -> None:
    taker = taker_of([window((A, 10), (B, 20))], Group(peak=100))
    taken = taker.take([A, B], unknown, inactive_file=15)
    assert (taken.high, taken.group) == (85, 100)


@pytest.mark.parametrize(
    ("how", "case", "expected"),
    [
        (Exit(0, None), {}, Departure("recycled", planned=True)),
        (Exit(1, None), {}, Departure("exit", planned=False)),
        (Exit(None, 11), {}, Departure("signal", planned=False)),
        (Exit(None, 9), {"oom_kills": 1}, Departure("oom_kill", planned=False)),
        # Somebody else of the group was killed for memory; this one ended by itself.
        (Exit(0, None), {"oom_kills": 1}, Departure("recycled", planned=True)),
        (None, {"oom_kills": 1}, Departure("oom_kill", planned=False)),
        (None, {}, Departure("unknown", planned=None)),
        (Exit(0, None), {"is_root": True, "root_lives": False}, Departure("exit", planned=False)),
        (Exit(0, None), {"root_lives": False}, Departure("exit", planned=True)),
        (Exit(None, 15), {"stopping": True}, Departure("stopped_by_us", planned=True)),
        # What ended the watch may be the kill itself.
        (Exit(None, 9), {"stopping": True, "oom_kills": 1}, Departure("oom_kill", planned=False)),
    ],
)
def test_exits_are_told_apart(how: Exit | None, case: dict[str, Any], expected: Departure) -> None:
    usual = {"is_root": False, "root_lives": True, "oom_kills": 0, "stopping": False}
    assert classify(how, **usual | case) == expected


def test_wait_statuses_are_codes_or_signals() -> None:
    assert exit_of_wait_status(7 << 8) == Exit(7, None)
    assert exit_of_wait_status(9) == Exit(None, 9)


def test_one_run_clock_for_all_goes_on_with_the_monotonic_clock() -> None:
    clock = RunClock(wall=1000.0, monotonic=50.0)
    assert clock.at(51.5) == 1001.5
    assert RunClock.parse(str(clock)) == clock


def test_an_alert_fires_once_per_crossing_and_again_after_a_fall() -> None:
    watch = AlertWatch(1000, "given")
    levels = [[a.level for a in watch.check(u, "pss")] for u in (790, 810, 850, 950, 760, 740, 805)]
    assert levels == [[], [80], [], [90], [], [], [80]]
    assert "95 % of the given limit" in AlertWatch(1000, "given").check(950, "pss")[0].text


def test_a_master_stands_for_its_workers() -> None:
    assert family_heads({10, 11, 12}, {10: 1, 11: 10, 12: 11, 1: 0}) == {10}
    assert family_heads({10, 20}, {10: 1, 20: 1}) == {10, 20}


def test_the_searcher_does_not_find_itself() -> None:
    everyone = [
        Candidate(1, 0, "init"),
        Candidate(5, 1, "watch --name app"),
        Candidate(6, 1, "app"),
    ]
    assert matching(everyone, lambda line: "app" in line, without={5}) == {6}


def test_a_broken_pattern_is_told() -> None:
    with pytest.raises(TargetError, match="not a regular expression"):
        find_by_name("(")


def test_the_summary_has_the_slope_per_minute() -> None:
    summing = Summing()
    for t in range(61):
        summing.add(
            float(t), 1000 + 10 * t, Peak(1000 + 10 * t + (t == 30) * 5000, "high-water mark")
        )
    summary = summing.summary("PSS", late=0, missed=0, end="the time is over")
    assert summary.trend_bytes_per_minute == pytest.approx(600)
    assert (summary.min_bytes, summary.mean_bytes, summary.peak_bytes) == (1000, 1300, 6300)
    assert "(from the high-water mark)" in summary.text()


def test_a_long_watch_keeps_few_points_and_the_same_slope() -> None:
    summing = Summing()
    for t in range(20_000):
        summing.add(float(t), 10 * t, Peak(None, "samples"))
    summary = summing.summary("PSS", late=0, missed=0, end="the time is over")
    assert len(summing._points) <= 4096
    assert summary.samples == 20_000
    assert summary.trend_bytes_per_minute == pytest.approx(600)


@pytest.mark.parametrize(
    ("name", "platform", "processes", "group"),
    [
        ("auto", "linux", "procfs", Whose.OWN),
        ("auto", "darwin", "portable", Whose.NONE),
        ("procfs", "linux", "procfs", Whose.NONE),
        ("cgroup", "linux", "procfs", Whose.ANY),
    ],
)
def test_sources_are_chosen_by_the_system_or_by_name(
    name: str, platform: str, processes: str, group: Whose
) -> None:
    chosen = choose_sources(name, platform)
    assert (chosen.processes, chosen.group) == (processes, group)


@pytest.mark.parametrize(
    ("waits", "costs", "readings"), [(0.0, 0.0003, 20), (0.03, 0.0003, 20), (0.0, 0.01, 4)]
)
def test_details_are_read_rarely_where_they_cost_much_and_not_where_they_had_to_wait(
    waits: float, costs: float, readings: int
) -> None:
    wall, cpu, read = 0.0, 0.0, 0

    def details(_process: Identity) -> Details:
        nonlocal wall, cpu, read
        wall, cpu, read = wall + waits + costs, cpu + costs, read + 1
        return Details("target", 1, 7, 0)

    slow = SlowDetails(details, lambda: wall, lambda: cpu)
    for tick in range(200):
        wall = max(wall, tick / 10)
        slow.read_if_due([A])
    assert read == readings
