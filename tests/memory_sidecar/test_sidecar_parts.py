"""Carried proportional sizes, alerts, limits, discovery: the pure parts."""

from pathlib import Path

import pytest

from memory_sidecar.alerts import AlertWatch
from memory_sidecar.discovery import Candidate, family_heads, find_by_name, matching
from memory_sidecar.errors import SidecarError, TargetError
from memory_sidecar.limit import cgroup_limit, parse_size
from memory_sidecar.proportional import ProportionalReader
from memory_sidecar.reading import Details, Identity, Sizes
from memory_sidecar.summary import summarise

A, B = Identity(1, 0.0), Identity(2, 0.0)


class FixedSource:
    """Every reading takes `cost` seconds of the injected clock."""

    def __init__(self, pss: int, cost: float = 0.0) -> None:
        self.pss, self.cost, self.now = pss, cost, 0.0

    def sizes(self, _process: Identity) -> Sizes | None:
        self.now += self.cost
        return Sizes(self.pss, 1, 2)

    def tree(self, _root: int) -> list[Identity]:
        return []

    def rss(self, _process: Identity) -> int | None:
        return None

    def details(self, _process: Identity) -> Details | None:
        return None

    def keep(self, processes: object) -> None: ...


def test_between_measurements_the_last_difference_is_carried() -> None:
    source = FixedSource(pss=60)
    reader = ProportionalReader(source, lambda: source.now)
    reader.measure({A: 100})
    source.now = 0.5
    totals = reader.totals({A: 130, B: 7})
    assert totals is not None
    assert (totals.pss, totals.age_seconds) == (90 + 7, 0.5)


def test_a_costly_measurement_is_repeated_after_a_hundred_times_its_cost() -> None:
    source = FixedSource(pss=1, cost=0.05)
    reader = ProportionalReader(source, lambda: source.now)
    reader.measure({A: 1})
    source.now = 4.9
    assert not reader.is_due()
    source.now = 5.1
    assert reader.is_due()


def test_nothing_measured_is_unknown_and_not_zero() -> None:
    source = FixedSource(pss=1)
    assert ProportionalReader(source, lambda: 0.0).totals({A: 1}) is None


def test_an_alert_fires_once_per_crossing_and_again_after_a_fall() -> None:
    watch = AlertWatch(1000, "given")
    levels = [[a.level for a in watch.check(u, "pss")] for u in (790, 810, 850, 950, 760, 740, 805)]
    assert levels == [[], [80], [], [90], [], [], [80]]
    assert "95 % of the given limit" in AlertWatch(1000, "given").check(950, "pss")[0].text


@pytest.mark.parametrize(
    ("text", "size"),
    [("512MiB", 512 * 2**20), ("1GiB", 2**30), ("400M", 400_000_000), ("12345", 12345)],
)
def test_sizes_are_read_with_their_units(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "lots", "-5", "0", "5 parsecs"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(SidecarError, match="expected a size"):
        parse_size(text)


def test_the_smallest_limit_on_the_way_up_counts_on_v2(tmp_path: Path) -> None:
    (tmp_path / "proc/7").mkdir(parents=True)
    (tmp_path / "proc/7/cgroup").write_text("0::/a/b\n")
    (tmp_path / "cg/a/b").mkdir(parents=True)
    (tmp_path / "cg/a/memory.max").write_text("1000\n")
    (tmp_path / "cg/a/b/memory.max").write_text("max\n")
    assert cgroup_limit(7, tmp_path / "proc", tmp_path / "cg") == 1000


def test_no_limit_on_v1_is_a_huge_number_and_means_none(tmp_path: Path) -> None:
    (tmp_path / "proc/7").mkdir(parents=True)
    (tmp_path / "proc/7/cgroup").write_text("4:memory:/x\n0::/\n")
    (tmp_path / "cg/memory/x").mkdir(parents=True)
    (tmp_path / "cg/memory/x/memory.limit_in_bytes").write_text("9223372036854771712\n")
    assert cgroup_limit(7, tmp_path / "proc", tmp_path / "cg") is None


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
    points = [(float(t), 1000 + 10 * t) for t in range(61)]
    summary = summarise(points, "PSS", late=0, missed=0, end="the time is over")
    assert summary.trend_bytes_per_minute == pytest.approx(600)
    assert (summary.min_bytes, summary.mean_bytes, summary.peak_bytes) == (1000, 1300, 1600)
