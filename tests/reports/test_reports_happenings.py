"""What happened in mid-run, what it cost to look, and what was not seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rundir import MemorySample
from tests.reports.made_findings import changed, findings_of, with_events
from tests.reports.made_run import MIB, MadeRun, memory_at


def test_an_oom_kill_of_one_worker_fails_although_the_target_lives(made: MadeRun) -> None:
    kill = ("oom_kill", 25.0, {"pids": [7], "count": 1, "group": "/g"})
    verdict = findings_of(made.but(events=with_events(kill))).verdict
    assert verdict.fit == "fails"
    assert verdict.sentence.startswith(
        "Fails: a process of the target was killed for lack of memory, at 25.0 s (pid 7); peak"
    )


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


def test_a_killed_sidecar_is_one_blind_span_with_its_reason(made: MadeRun) -> None:
    events = with_events(
        ("sidecar_gap", 20.2, {"seconds": None, "reason": "the sidecar ended by signal 9"}),
        ("sidecar_restarted", 24.0, {"seconds": 3.8, "attempt": 1}),
    )
    silent = made.but(events=events, sample=lambda r: None if 20 < r.elapsed < 24.05 else r)
    (told,) = [caveat for caveat in findings_of(silent).caveats if "Blind" in caveat]
    assert told == (
        "Blind from 20.0 s to 24.1 s: the sidecar ended by signal 9, started again (attempt 1);"
        " peaks in between are not known."
    )


def test_a_short_gap_is_told_although_no_blind_span_shows_it(made: MadeRun) -> None:
    gap = ("sidecar_gap", 20.0, {"seconds": 1.0, "reason": "paused"})
    caveats = findings_of(made.but(events=with_events(gap))).caveats
    assert "Blind from 19.0 s to 20.0 s: paused." in caveats


def test_a_sidecar_that_never_came_back_is_blind_from_then_on(made: MadeRun) -> None:
    gap = ("sidecar_gap", 49.9, {"seconds": None, "reason": "it did not answer"})
    caveats = findings_of(made.but(events=with_events(gap))).caveats
    assert "Blind from 49.9 s on: it did not answer." in caveats


def test_a_restarted_target_is_told_with_both_pids(made: MadeRun) -> None:
    again = ("target_restarted", 23.0, {"old_pid": 1, "pid": 2, "seconds": 0.5})
    assert (
        "The target was restarted: at 23.0 s pid 2 took the place of pid 1 after 0.5 s."
        in findings_of(made.but(events=with_events(again))).caveats
    )


def test_a_missing_right_is_told_with_the_way_to_get_it(made: MadeRun) -> None:
    denied = (
        "read_denied",
        24.0,
        {"pids": [1], "what": "smaps_rollup", "reason": "it was refused"},
    )
    caveats = findings_of(made.but(events=with_events(denied))).caveats
    (told,) = [caveat for caveat in caveats if "it was refused" in caveat]
    assert "cap_add: [SYS_PTRACE]" in told


def test_ticks_of_which_only_the_group_was_read_are_not_blind(made: MadeRun) -> None:
    def group_alone(row: MemorySample) -> MemorySample:
        used = memory_at(row.elapsed)
        return replace(row, rss=None, pss=None, cgroup_usage=used, working_set=used)

    found = findings_of(made.but(sample=group_alone))
    assert found.phases[1].memory.measure == "working_set"
    assert not any("could not be read" in caveat for caveat in found.caveats)


def test_a_lost_locust_worker_is_told_with_what_went_on_without_it(made: MadeRun) -> None:
    lost = ("worker_lost", 25.0, {"worker": "w1", "left": 1})
    caveats = findings_of(made.but(events=with_events(lost))).caveats
    assert any(
        c.startswith("At 25.0 s the Locust worker w1 was lost, and 1 went on") for c in caveats
    )
