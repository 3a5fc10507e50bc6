"""The fit verdict, the recovery, and the stories of runs that ended badly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.assemble import assemble
from reports.findings import Findings
from reports.loading import load
from rundir import MemorySample
from tests.reports.made_run import MIB, MadeRun, event_list


def findings_of(made: MadeRun, *without: str) -> Findings:
    return assemble(load(made.write(without=without).path), 1_700_001_000.0)[1]


def limited(mib: int) -> object:
    return lambda row: replace(row, limit=mib * MIB)


@pytest.mark.parametrize(("limit", "expected"), [(512, "fits"), (250, "tight"), (205, "fails")])
def test_the_fit_follows_the_peak_and_the_limit(made: MadeRun, limit: int, expected: str) -> None:
    found = findings_of(made.but(sample=limited(limit)))
    assert found.verdict.fit == expected


def test_the_sentence_has_peak_limit_rate_and_failures(made: MadeRun) -> None:
    text = findings_of(made).verdict.sentence
    assert text == (
        "Fits: peak 210.0 MiB in load at 20 users, 41 % of the 512.0 MiB limit,"
        " whether it leaks cannot be told, 40.0 requests/s under load, 12 of 1,200 requests failed."
    )


def test_a_host_sized_limit_is_called_the_hosts_memory(made: MadeRun) -> None:
    found = findings_of(made.but(sample=limited(8192)))
    assert "host's memory (no limit set)" in found.verdict.sentence


def test_many_missing_ticks_under_load_forbid_a_verdict(made: MadeRun) -> None:
    def holey(row: MemorySample) -> MemorySample:
        return replace(row, rss=None, pss=None) if 20 <= row.elapsed < 25 else row

    found = findings_of(made.but(sample=holey))
    assert found.verdict.fit == "cannot_tell"
    assert any("50 tick(s) could not be read" in caveat for caveat in found.caveats)
    assert any("Blind from 19.9 s to 25.0 s" in caveat for caveat in found.caveats)


def test_a_saturated_generator_forbids_a_verdict(made: MadeRun) -> None:
    events = [*event_list(), ("generator_saturated", 30.0, {"cpu_percent": 99})]
    assert findings_of(made.but(events=events)).verdict.fit == "cannot_tell"


def test_recovery_is_the_difference_of_levels(made: MadeRun) -> None:
    found = findings_of(made).recovery
    assert found.growth_bytes == pytest.approx(100 * MIB, rel=0.01)
    assert found.retained_bytes == 30 * MIB
    assert found.released_fraction == pytest.approx(0.7, abs=0.01)


def test_a_dead_target_fails_and_the_sentence_says_when(made: MadeRun) -> None:
    events = [*event_list()[:7], ("target_lost", 25.0, {"pid": 4711, "reason": "signal 9"})]
    events += [("run_ended", 25.5, {"reason": "target_lost"})]
    verdict = findings_of(made.but(events=events, cut=26.0)).verdict
    assert verdict.fit == "fails"
    assert verdict.sentence.startswith("Partial run: the target died at 25.0 s (signal 9). Fails")


def test_a_target_that_was_waited_for_died_when_it_went_away(made: MadeRun) -> None:
    away = {"pid": 4711, "reason": "nobody took its place", "seconds": 5.0}
    events = [*event_list()[:7], ("target_lost", 25.0, away)]
    verdict = findings_of(made.but(events=events, cut=26.0)).verdict
    assert "the target died at 20.0 s" in verdict.sentence


def test_a_killed_locust_makes_a_partial_run(made: MadeRun) -> None:
    found = findings_of(made.but(cut=25.0))
    assert found.verdict.sentence.startswith("Partial run: no end was recorded")
    assert found.verdict.fit == "cannot_tell"
    assert found.recovery.retained_bytes is None


def test_a_lost_generator_is_named(made: MadeRun) -> None:
    events = [*event_list(), ("generator_lost", 24.0, {"reason": "gone"})]
    found = findings_of(made.but(events=sorted(events, key=lambda e: e[1]), cut=25.0))
    assert "Partial run: Locust went away at 24.0 s" in found.verdict.sentence


def test_a_dead_sampler_is_said_with_the_blind_span(made: MadeRun) -> None:
    found = findings_of(made.but(sample=lambda row: row if row.elapsed < 20 else None))
    assert found.verdict.sentence.startswith("Partial run: the sidecar stopped first")
    assert "blind from 19.9 s to 50.0 s" in found.verdict.sentence
    assert found.verdict.fit == "cannot_tell"


def test_an_interrupted_run_is_partial(made: MadeRun) -> None:
    events = [*event_list()[:-1], ("run_ended", 50.6, {"reason": "interrupted"})]
    verdict = findings_of(made.but(events=events)).verdict
    assert "it was interrupted" in verdict.sentence
    told = [one for one in verdict.confidence.reasons if one.startswith("the run is partial")]
    assert len(told) == 1 and "it was interrupted" in told[0]


@pytest.mark.parametrize("cut", [0.05, 0.5, 5.0, 10.0, 10.05, 40.0, 49.9])
def test_a_run_killed_at_any_moment_still_has_findings(made: MadeRun, cut: float) -> None:
    assert findings_of(made.but(cut=cut)).verdict.sentence.startswith("Partial run: ")


FILES = (
    "run.json",
    "events.jsonl",
    "memory_samples.csv",
    "process_samples.csv",
    "locust_stats.json",
    "locust_stats_history.csv",
)


@pytest.mark.parametrize("kept", FILES)
def test_any_single_file_is_enough_for_a_report(made: MadeRun, kept: str) -> None:
    found = findings_of(made, *(name for name in FILES if name != kept))
    assert found.verdict.fit == "cannot_tell"
    assert found.caveats
