"""Cutting Locust's cumulative counts at seconds and phases."""

import json
from pathlib import Path

from locust.env import Environment

from harness.statistics import StatisticsRecorder
from rundir import RunClock, RunDirectory


def recorder(path: Path) -> tuple[StatisticsRecorder, Environment]:
    environment = Environment()
    return StatisticsRecorder(environment, RunDirectory(path), RunClock.start()), environment


def test_each_phase_and_each_second_gets_its_own_requests(tmp_path: Path) -> None:
    statistics, environment = recorder(tmp_path)
    statistics.phase_begins("baseline", 0)
    statistics.tick(0)
    statistics.phase_begins("load", 1)
    for milliseconds in (10, 10, 250):
        environment.stats.log_request("GET", "/x", milliseconds, 5)
    statistics.tick(20)
    environment.stats.log_request("GET", "/x", 30, 5)
    environment.stats.log_error("GET", "/x", "boom")
    assert statistics.tick(20) == (4, 1)
    statistics.phase_begins("cooldown", 2)
    statistics.phase_ends()
    statistics.write()
    written = json.loads((tmp_path / "locust_stats.json").read_text())
    phases = {row["phase"]: row["entries"] for row in written["per_phase"]}
    assert phases["baseline"] == []
    assert (phases["load"][0]["requests"], phases["load"][0]["failures"]) == (4, 1)
    assert phases["load"][0]["response_times"] == {"10": 2, "30": 1, "250": 1}
    assert phases["cooldown"][0]["requests"] == 0
    assert [
        second["entries"].get("GET /x", {}).get("requests") for second in written["seconds"]
    ] == [
        None,
        3,
        1,
    ]


def test_the_sum_of_the_phases_is_the_total(tmp_path: Path) -> None:
    statistics, environment = recorder(tmp_path)
    for index in range(5):
        statistics.phase_begins(f"load-{index}", index)
        for _ in range(index * 7):
            environment.stats.log_request("GET", "/x", index, 1)
    statistics.phase_ends()
    statistics.write()
    written = json.loads((tmp_path / "locust_stats.json").read_text())
    counted = sum(e["requests"] for row in written["per_phase"] for e in row["entries"])
    assert counted == written["entries"][0]["num_requests"] == 70


def test_a_file_written_in_mid_run_holds_the_open_phase(tmp_path: Path) -> None:
    statistics, environment = recorder(tmp_path)
    statistics.phase_begins("load", 0)
    environment.stats.log_request("GET", "/x", 10, 5)
    statistics.tick(1)
    written = json.loads((tmp_path / "locust_stats.json").read_text())
    assert written["per_phase"][0]["entries"][0]["requests"] == 1


def test_on_a_master_what_workers_tell_after_the_users_have_left_belongs_to_the_load(
    tmp_path: Path,
) -> None:
    statistics, environment = recorder(tmp_path)
    runner = environment.create_master_runner("127.0.0.1", 0)
    try:
        statistics.phase_begins("baseline", 0, idle=True)
        statistics.phase_begins("load", 1)
        environment.stats.log_request("GET", "/x", 10, 5)
        statistics.phase_begins("cooldown", 2, idle=True)
        environment.stats.log_request("GET", "/x", 10, 5)
        statistics.phase_ends()
        statistics.write()
    finally:
        runner.quit()
    rows = json.loads((tmp_path / "locust_stats.json").read_text())["per_phase"]
    assert [(r["phase"], [e["requests"] for e in r["entries"]]) for r in rows] == [
        ("baseline", []),
        ("load", [2]),
        ("cooldown", []),
    ]
