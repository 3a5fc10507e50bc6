"""Several targets become one: on ticks of their own, by time, and unknown where one is unknown."""

import csv
from pathlib import Path
from typing import Any

import pytest

from harness.pulling.correcting import Correction, Offset, correction_of
from harness.pulling.phases import with_sums
from harness.pulling.summing import sum_tables
from harness.sidecars.addresses import parse_addresses
from harness.sidecars.summed_status import summed
from memory_sidecar.client import Member, SidecarStatus
from rundir import MEMORY_COLUMNS, Event, MemorySample, TableWriter
from scenarios.errors import UsageError

MIB = 1 << 20


def table(path: Path, *rows: tuple[float, int | None, int | None]) -> Path:
    """Rows of time, PSS and peak."""
    with TableWriter(path, MEMORY_COLUMNS) as writer:
        for time, pss, peak in rows:
            writer.append(
                MemorySample(time, 0.0, "x", 3, 1, rss=pss, pss=pss, peak=peak, limit=100)
            )
    return path


def summed_rows(tmp_path: Path, *tables: Path, most: int | None = None) -> list[dict[str, Any]]:
    phases = [Event("phase_started", 1000.25, 0.0, {"phase": "load"})]
    sum_tables(tables, phases, tmp_path / "sum.csv", 1000.0, most)
    with (tmp_path / "sum.csv").open() as stream:
        return [
            {k: v if k == "phase" else float(v) if v else None for k, v in row.items()}
            for row in csv.DictReader(stream)
        ]


def ticks(start: float, pss: int, count: int = 10, peak: int = 0) -> list[tuple[float, int, int]]:
    return [(start + i / 10, pss + i, pss + i + peak) for i in range(count)]


def test_the_total_is_the_sum_of_what_each_had_last(tmp_path: Path) -> None:
    one = table(tmp_path / "a.csv", *ticks(1000.00, 10))
    two = table(tmp_path / "b.csv", *ticks(1000.03, 1000))
    rows = summed_rows(tmp_path, one, two)
    # The grid begins where both are there, at 1000.03: each counts with its tick before.
    assert [row["pss"] for row in rows[:3]] == [1010, 1012, 1014]
    assert rows[0]["processes"] == 2
    assert rows[0]["limit"] == 200
    assert [row["phase"] for row in rows[:4]] == ["unphased", "unphased", "unphased", "load"]


def test_the_limit_of_all_is_not_more_than_their_hosts_have(tmp_path: Path) -> None:
    one, two = (table(tmp_path / name, *ticks(1000.0, 10)) for name in ("a", "b"))
    assert summed_rows(tmp_path, one, two, most=150)[0]["limit"] == 150


def test_a_value_is_carried_for_two_intervals_and_then_unknown(tmp_path: Path) -> None:
    whole = table(tmp_path / "a.csv", *ticks(1000.0, 10))
    gap = [row for row in ticks(1000.0, 1000) if not 1000.25 < row[0] < 1000.65]
    rows = summed_rows(tmp_path, whole, table(tmp_path / "b.csv", *gap))
    known = [row["pss"] is not None for row in rows]
    # Seen last at 1000.2: carried at .3 and .4, unknown at .5 and .6, back at .7.
    assert known == [True, True, True, True, True, False, False, True, True, True]


def test_the_peak_of_the_total_is_the_sum_of_the_peaks(tmp_path: Path) -> None:
    one = table(tmp_path / "a.csv", *ticks(1000.0, 10, peak=500))
    two = table(tmp_path / "b.csv", *ticks(1000.0, 1000, peak=7000))
    rows = summed_rows(tmp_path, one, two)
    assert rows[5]["peak"] == rows[5]["pss"] + 7500


def test_a_target_without_any_sample_leaves_the_total_unknown(tmp_path: Path) -> None:
    one = table(tmp_path / "a.csv", *ticks(1000.0, 10))
    rows = summed_rows(tmp_path, one, tmp_path / "none.csv")
    assert {row["pss"] for row in rows} == {None}


def test_phase_peaks_are_summed_and_unknown_where_one_is() -> None:
    own = [Event("phase_ended", 1.0, 1.0, {"phase": "load", "index": 1})]

    def target(peak: int | None) -> list[Event]:
        fields = {"phase": "load", "index": 1, "peak_high": peak, "since_start": False}
        return [Event("phase_ended", 1.1, 1.1, fields)]

    (known,) = with_sums(own, [target(5), target(7)])
    assert known.fields["peak_high"] == 12
    (unknown,) = with_sums(own, [target(5), target(None)])
    assert unknown.fields["peak_high"] is None


def test_a_drift_is_a_straight_line_only_where_it_is_sure() -> None:
    def events(last: float) -> list[Event]:
        return [
            Event(
                "clock_offset",
                at,
                at,
                {
                    "sidecar": "web",
                    "offset_seconds": offset,
                    "monotonic_offset": offset,
                    "uncertainty_seconds": uncertainty,
                },
            )
            for at, offset, uncertainty in ((100.0, 10.0, 0.002), (200.0, last, 0.001))
        ]

    drifting = correction_of(events(10.5), "web")
    assert drifting.wall(140.0) == pytest.approx(140 + 10 + 0.5 * 50 / 99.5)
    steady = correction_of(events(10.002), "web")
    # Too close to tell them apart: the surer one.
    assert steady.wall(140.0) == pytest.approx(150.002)
    assert correction_of(events(10.5), "other").wall(140.0) == 140.0


def test_births_keep_their_identity() -> None:
    one = Offset(0.0, 0.123456, 0.0, 0.0)
    assert Correction(one, one).birth(1.23) == pytest.approx(1.35)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("https://a:1", ["target"]),
        ("https://a:1,https://b:1", ["replica-1", "replica-2"]),
        ("web=https://a:1, db=http://b:2/x?q=1", None),
        ("web=https://a:1/x,db=https://b/y", ["web", "db"]),
        ("web=https://a:1,web=https://b:1", None),
        ("https://a:1,https://a:1", None),
        ("https://user:pw@a:1", None),
        ("../x=https://a:1", None),
        ("ftp://a:1", None),
        ("a:8765", None),
        (",", None),
    ],
)
def test_addresses_are_names_and_urls(text: str, names: list[str] | None) -> None:
    if names is None:
        with pytest.raises(UsageError) as told:
            parse_addresses(text)
        assert "pw" not in str(told.value)
    else:
        assert [one.name for one in parse_addresses(text)] == names


def status(used: int | None, **changes: object) -> SidecarStatus:
    known: dict[str, object] = {
        "state": "sampling", "phase": "load", "users": 3, "ticks": 10, "late_ticks": 0,
        "missed_ticks": 0, "rss": used, "pss": used, "used": used, "measure": "pss", "peak": used,
        "limit": 100, "limit_source": "given", "processes": 1, "target_alive": True,
        "disk_refused": None, "cpu_seconds": 0.1, "pids": [1], "sources": ["procfs"],
        "members": (Member(1, "root", "python", used),),
    }  # fmt: skip
    return SidecarStatus(**(known | changes))  # type: ignore[arg-type]


def test_the_live_status_is_summed_and_its_members_carry_their_target() -> None:
    both = summed([("web", status(5)), ("db", status(7, measure="rss", target_alive=False))])
    assert both is not None
    assert (both.used, both.limit, both.processes, both.measure) == (12, 200, 2, "rss")
    assert [member.name for member in both.members] == ["db: python", "web: python"]
    assert both.target_alive
    unknown = summed([("web", status(5)), ("db", status(None))])
    assert unknown is not None
    assert unknown.used is None
    assert summed([("web", None)]) is None
