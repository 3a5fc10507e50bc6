"""Attribution on made runs: the truth is written first."""

from __future__ import annotations

import json
from dataclasses import replace
from math import hypot
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.aligning import align
from reports.assemble import assemble
from reports.attribution.assembling import suspicious_tiers
from reports.attribution.background import Background, Idle
from reports.attribution.findings import Alone, Estimate, Prediction
from reports.attribution.levels import Level
from reports.attribution.remaining import remaining
from reports.attribution.retained import between
from reports.attribution.sentences import estimate_text, headline_of, sentences_of
from reports.loading import load
from reports.render.html import render_html
from reports.tiles import tiles
from tests.attribution.made_attribution import KIB, MIB, Service, attributed, of, write_run

LEAK = {"/report": 20 * KIB}
BORROW = {"/export": 30 * MIB}
BOTH = Service(retained=LEAK, transient=BORROW)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One endpoint leaks, another borrows."""
    return write_run(tmp_path_factory.mktemp("runs") / "both", BOTH).path


def value(found: Estimate | None) -> float:
    assert found is not None and found.value is not None and found.interval is not None
    assert found.interval[0] <= found.value <= found.interval[1]
    return found.value


def below(found: Estimate | None) -> float:
    assert found is not None and found.value is None and found.below is not None
    return found.below


@pytest.mark.parametrize("seed", range(5))
def test_who_leaks_and_who_borrows_is_named_within_15_percent(tmp_path: Path, seed: int) -> None:
    found, _ = attributed(write_run(tmp_path / "run", BOTH, seed))
    assert value(of(found, "/report").retained) == pytest.approx(20 * KIB, rel=0.15)
    assert value(of(found, "/export").transient) == pytest.approx(30 * MIB, rel=0.15)
    assert below(of(found, "/export").retained) < 4 * KIB
    assert below(of(found, "/search").retained) < 4 * KIB
    assert below(of(found, "/report").transient) < 2 * MIB
    assert below(of(found, "/search").transient) < 2 * MIB


@pytest.mark.parametrize("seed", range(5))
def test_the_parts_predict_what_the_mix_keeps_within_20_percent(tmp_path: Path, seed: int) -> None:
    found, _ = attributed(write_run(tmp_path / "run", BOTH, seed))
    told = found.prediction
    assert told is not None and told.disagreement is not None
    assert abs(told.disagreement) < 0.2


def test_the_largest_mark_says_how_many_were_served_at_once(both: Path) -> None:
    run = align(load(both))
    export = of(attributed(run.data.directory)[0], "/export")
    assert export.high_water_bytes == pytest.approx(90 * MIB, rel=0.05)
    assert export.at_once == pytest.approx(3, rel=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_where_nobody_keeps_anything_nobody_is_named(tmp_path: Path, seed: int) -> None:
    found, _ = attributed(write_run(tmp_path / "run", Service(), seed, isolated=()))
    assert all(below(tier.retained) for tier in found.tiers)
    assert all(below(tier.transient) for tier in found.tiers)
    assert found.sentences[0].startswith("No endpoint stands out of the noise: at most")


def test_what_came_once_is_not_with_each_request(tmp_path: Path) -> None:
    # The warm-up pays for it before any part begins.
    once = Service(once={"/search": 40 * MIB})
    found, _ = attributed(write_run(tmp_path / "run", once))
    assert below(of(found, "/search").retained) < 4 * KIB


def test_memory_that_grows_without_requests_is_no_endpoints(tmp_path: Path) -> None:
    clock = Service(retained=LEAK, idle_bytes_per_second=100 * KIB, noise_bytes=20 * KIB)
    found, caveats = attributed(write_run(tmp_path / "run", clock))
    assert found.idle_bytes_per_second == pytest.approx(100 * KIB, rel=0.1)
    assert any("a second without any request" in caveat for caveat in caveats)
    assert value(of(found, "/report").retained) == pytest.approx(20 * KIB, rel=0.15)
    assert below(of(found, "/search").retained) < 4 * KIB


def test_endpoints_have_their_own_figures_or_are_below_what_their_tier_keeps(both: Path) -> None:
    _, findings = assemble(load(both), 0.0)
    rows = {row.name: row for row in findings.endpoints}
    assert rows["/report"].retained_bytes_per_request == pytest.approx(20 * KIB, rel=0.15)
    assert rows["/export"].transient_bytes == pytest.approx(30 * MIB, rel=0.15)
    # Alone in its tier: the tier's figures are its own.
    assert [rows[name].attributed_from for name in ("/report", "/ping", "/list")] == [
        "isolated",
        "isolated",
        "tier",
    ]
    assert rows["/list"].retained_bytes_per_request is None
    # All that the tier may keep may be this one's, and it has half of the requests.
    assert findings.attribution is not None
    tier = next(one for one in findings.attribution.tiers if one.tier == "medium")
    assert tier.retained is not None
    assert rows["/list"].retained_below_bytes == pytest.approx(2 * tier.retained.upper, rel=0.1)


SLACK = Service(retained=LEAK, slack={"/report": 6 * MIB})


def test_the_interval_has_room_for_what_an_allocator_gives_back_later(tmp_path: Path) -> None:
    found, _ = attributed(write_run(tmp_path / "run", SLACK))
    kept = of(found, "/report").retained
    assert kept is not None and kept.interval is not None
    assert kept.interval[0] <= 20 * KIB <= kept.interval[1]


def test_with_enough_load_what_an_allocator_gives_back_later_moves_nothing(tmp_path: Path) -> None:
    found, _ = attributed(write_run(tmp_path / "run", SLACK, load_seconds=180.0))
    assert value(of(found, "/report").retained) == pytest.approx(20 * KIB, rel=0.15)
    assert found.prediction is not None and found.prediction.disagreement is not None
    assert abs(found.prediction.disagreement) < 0.2


@pytest.mark.parametrize("seed", (1, 7))
def test_what_builds_up_with_the_requests_and_comes_back_is_not_kept(
    tmp_path: Path, seed: int
) -> None:
    service = Service(builds_up={"/report": 6 * MIB})
    found, _ = attributed(write_run(tmp_path / "run", service, seed))
    assert below(of(found, "/report").retained) > 0
    leaks = Service(builds_up={"/report": 6 * MIB}, retained=LEAK)
    kept = of(attributed(write_run(tmp_path / "leaks", leaks, seed))[0], "/report").retained
    assert kept is not None and kept.interval is not None
    assert kept.interval[0] <= 20 * KIB <= kept.interval[1]


@pytest.mark.parametrize("seed", (1, 7))
def test_growth_without_requests_is_not_that_of_endpoints_where_there_is_slack(
    tmp_path: Path, seed: int
) -> None:
    service = Service(idle_bytes_per_second=40 * KIB, slack={"/report": 6 * MIB})
    found, _ = attributed(write_run(tmp_path / "run", service, seed, isolated_seconds=60.0))
    assert found.endpoints
    for one in (*found.tiers, *found.endpoints):
        assert below(one.retained) > 0
    assert found.prediction is not None and found.prediction.disagreement is None


@pytest.mark.parametrize("seed", (1, 7))
def test_slack_behind_one_endpoint_is_not_that_of_the_rest_of_its_tier(
    tmp_path: Path, seed: int
) -> None:
    service = Service(retained={"/report": 60 * KIB}, slack={"/report": 6 * MIB})
    found, _ = attributed(write_run(tmp_path / "run", service, seed, isolated=("/report",)))
    rest = next(one for one in remaining(found.tiers, found.endpoints) if one.tier == "heavy")
    assert below(rest.retained) > 0


def test_what_came_once_in_the_mix_is_told_with_its_noise(tmp_path: Path) -> None:
    found, _ = attributed(write_run(tmp_path / "run", Service(once_in_mix=40 * MIB)))
    told = found.prediction
    assert told is not None and told.disagreement is None
    assert told.kept_bytes == pytest.approx(40 * MIB, rel=0.05)
    assert 0 < told.kept_half_bytes < 4 * MIB
    assert told.once_bytes == pytest.approx(38 * MIB, rel=0.1)
    assert "of it once: not compared" in found.sentences[-1]


def test_a_suspicious_tier_whose_endpoints_were_left_out_is_told(tmp_path: Path) -> None:
    found, caveats = attributed(write_run(tmp_path / "run", BOTH, isolated=("/report",)))
    assert value(of(found, "/report").retained) == pytest.approx(20 * KIB, rel=0.15)
    assert any("GET /export, GET /search" in caveat for caveat in caveats)


def test_a_run_that_broke_off_keeps_the_parts_that_were_completed(tmp_path: Path) -> None:
    # baseline, warm-up, rest, three parts of light, and one user of medium
    found, _ = attributed(write_run(tmp_path / "run", BOTH, phases=7))
    assert [tier.tier for tier in found.tiers] == ["light"]
    assert found.prediction is None


def test_one_user_with_too_few_answers_leaves_the_moment_unknown(tmp_path: Path) -> None:
    slow = Service(retained=LEAK, transient=BORROW, single_rate=0.5)
    found, caveats = attributed(write_run(tmp_path / "run", slow))
    assert of(found, "/export").transient is None
    assert any("--single gives it more seconds" in caveat for caveat in caveats)


def test_sizes_rest_on_the_mix_and_not_on_an_endpoint_alone(both: Path) -> None:
    _, findings = assemble(load(both), 0.0)
    mix = next(phase for phase in findings.phases if phase.name == "load")
    alone = [phase for phase in findings.phases if phase.isolated]
    assert mix.memory.peak_high is not None
    assert findings.sizing.peak_bytes == mix.memory.peak_high
    assert any("report" in phase.name for phase in alone)


def test_a_leak_among_endpoints_that_the_budget_left_out_is_not_silenced(tmp_path: Path) -> None:
    leak = Service(retained={"/search": 20 * KIB}, transient=BORROW)
    found, _ = attributed(write_run(tmp_path / "run", leak, isolated=("/export",)))
    assert any(s.startswith("The rest of tier heavy keeps") for s in found.sentences)
    assert headline_of(found) is not None
    assert not any("stands out of the noise" in sentence for sentence in found.sentences)


def test_what_is_left_of_a_tier_does_not_count_a_leak_twice(tmp_path: Path) -> None:
    leak = Service(retained={"/report": 40 * KIB})
    found, _ = attributed(write_run(tmp_path / "run", leak, isolated=("/report",)))
    assert found.prediction is not None and found.prediction.disagreement is not None
    assert abs(found.prediction.disagreement) < 0.2
    assert dict(found.prediction.parts)["the rest of tier heavy"] == 0.0


@pytest.mark.parametrize("seed", range(4))
def test_a_rare_request_that_needs_much_makes_its_tier_suspicious(
    tmp_path: Path, seed: int
) -> None:
    rare = Service(transient=BORROW, rarely={"/export": 0.15}, single_rate=10)
    directory = write_run(tmp_path / "run", rare, seed, isolated=())
    run = align(load(directory.path))
    found, _ = attributed(directory)
    _, findings = assemble(load(directory.path), 0.0)
    row = next(one for one in findings.endpoints if one.name == "/export")
    assert "heavy" in dict(suspicious_tiers(found, run))
    # A bound that holds, or none.
    assert row.transient_below_bytes is None or row.transient_below_bytes >= 30 * MIB


@pytest.mark.parametrize(
    "hidden",
    [
        Service(transient={"/export": 100 * MIB}, single_rate=0.3),
        Service(transient={"/export": 100 * MIB}, rarely={"/export": 0.02}),
    ],
    ids=["too slow for the one user", "met by the crowd alone"],
)
def test_a_peak_that_one_users_requests_do_not_explain_makes_a_tier_suspicious(
    tmp_path: Path, hidden: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = write_run(tmp_path / "run", hidden, isolated=())
    found, caveats = attributed(directory)
    heavy = next(tier for tier in found.tiers if tier.tier == "heavy")
    assert heavy.transient is None or heavy.transient.value is None
    assert "heavy" in dict(suspicious_tiers(found, align(load(directory.path))))
    assert any("The peak of tier heavy under all users lies" in one for one in caveats)
    assert main(["suspicious", str(directory.path)]) == 0
    assert "above what one user's requests need" in capsys.readouterr().out


def test_who_was_not_measured_is_not_cleared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = Service(single_rate=0.3)
    directory = write_run(tmp_path / "run", slow, isolated=())
    assert main(["suspicious", str(directory.path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tiers"] == []
    assert "no tier is looked at closer; of light, medium, heavy too few" in told["because"][0]


def test_a_long_cooldown_takes_no_more_of_what_grows_anyway(tmp_path: Path) -> None:
    clock = Service(retained=LEAK, idle_bytes_per_second=100 * KIB, noise_bytes=20 * KIB)
    kept = []
    for seconds in (30.0, 300.0):
        run = write_run(tmp_path / f"run-{seconds}", clock, cooldown_seconds=seconds)
        told = attributed(run)[0].prediction
        assert told is not None
        kept.append(told.kept_bytes)
    assert kept[1] == pytest.approx(kept[0], abs=MIB)


def test_a_part_whose_rest_was_cut_off_is_lost_and_not_judged(tmp_path: Path) -> None:
    # baseline, warm-up, rest, and the three phases of light, of which the rest broke off
    run = write_run(tmp_path / "run", BOTH, phases=6, cut_seconds=2.0)
    found, caveats = attributed(run)
    assert found.tiers == ()
    assert found.lost == ("light",)
    assert any("light" in caveat for caveat in caveats)


def test_what_fails_within_its_tier_is_below_nothing(tmp_path: Path) -> None:
    down = Service(failing=("/report",))
    directory = write_run(tmp_path / "run", down, isolated=())
    _, findings = assemble(load(directory.path), 0.0)
    rows = {row.name: row for row in findings.endpoints}
    assert rows["/report"].retained_below_bytes is None
    assert rows["/report"].transient_below_bytes is None
    assert rows["/search"].retained_below_bytes is not None


def test_failures_of_those_seen_alone_are_not_those_of_the_rest(tmp_path: Path) -> None:
    down = Service(failing=("/report", "/export"))
    found, caveats = attributed(write_run(tmp_path / "run", down, isolated=("/report", "/export")))
    (rest,) = (one for one in remaining(found.tiers, found.endpoints) if one.tier == "heavy")
    assert (rest.failures, rest.remainder) == (0, True)
    assert not any("the rest of tier heavy" in caveat for caveat in caveats)


def test_what_is_left_of_a_tier_is_told_as_such_also_where_it_is_one_endpoint(
    tmp_path: Path,
) -> None:
    leak = Service(retained={"/search": 20 * KIB})
    directory = write_run(tmp_path / "run", leak, isolated=("/report", "/export"))
    _, findings = assemble(load(directory.path), 0.0)
    row = next(one for one in findings.endpoints if one.name == "/search")
    assert (row.attributed_from, row.retained_bytes_per_request) == ("tier", None)
    assert row.retained_below_bytes is not None and row.retained_below_bytes > 20 * KIB


def test_without_counts_nothing_is_said_to_be_below_anything(tmp_path: Path) -> None:
    directory = write_run(tmp_path / "run", BOTH)
    directory.locust_stats_json.unlink()
    found, _ = attributed(directory)
    assert found.prediction is None
    assert found.sentences == ("What endpoints keep could not be measured.",)


def test_a_part_that_was_not_measured_clears_nobody(tmp_path: Path) -> None:
    directory = write_run(tmp_path / "run", Service(), unread=("rest-heavy",), isolated=())
    found, caveats = attributed(directory)
    assert found.lost == ("heavy",)
    assert found.sentences[0].startswith("Of those that were measured (without ")
    assert any("for want of samples in a rest: heavy" in caveat for caveat in caveats)
    assert found.prediction is None


def test_suspicion_needs_samples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = write_run(tmp_path / "run", BOTH, isolated=())
    assert main(["suspicious", str(directory.path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tiers"] == ["heavy"]
    directory.memory_samples.unlink()
    assert main(["suspicious", str(directory.path)]) == 2
    assert "not measured so far" in capsys.readouterr().err


def test_figures_of_an_endpoint_that_fails_are_those_of_failing(tmp_path: Path) -> None:
    down = Service(transient=BORROW, failing=("/report",))
    found, caveats = attributed(write_run(tmp_path / "run", down))
    assert of(found, "/report").retained is None
    assert any(c.startswith("100 % of the requests to GET /report failed") for c in caveats)


def test_the_uncertainty_of_what_grows_anyway_is_in_every_interval() -> None:
    before = Level(100.0 * MIB, 100.0 * MIB, 0.1 * MIB, 0.0)
    after = replace(before, time=60.0)
    still, grows = Background(Idle(), 0.0), Background(Idle(MIB / 60, 4 * MIB / 60), 0.0)
    assert between(before, after, still, 500).noise_bytes == pytest.approx(MIB, rel=0.05)
    found = between(before, after, grows, 500)
    assert found.noise_bytes == pytest.approx(4.1 * MIB, rel=0.05)
    assert found.bytes == pytest.approx(-MIB)


def test_what_was_seen_to_be_slack_of_one_level_may_be_that_of_all() -> None:
    level = Level(100.0 * MIB, 100.0 * MIB, 0.1 * MIB, 0.0)
    found = between(level, level, Background(Idle(), 6 * MIB), 500)
    assert found.high_bytes == pytest.approx(7 * MIB, rel=0.05)
    assert found.low_bytes == -found.high_bytes


def test_what_came_back_of_a_level_leaves_less_to_be_unsure_of() -> None:
    before, slack = Level(100.0 * MIB, 100.0 * MIB, 0.0, 0.0), Background(Idle(), 6 * MIB)
    found = between(before, Level(116.0 * MIB, 110.0 * MIB, 0.0, 60.0), slack, 500)
    assert (found.low_bytes, found.high_bytes) == (9 * MIB, 17 * MIB)
    gone = between(before, Level(106.0 * MIB, 100.0 * MIB, 0.0, 60.0), slack, 500)
    assert found.lasts
    assert not gone.lasts


def test_the_load_of_such_a_run_is_its_mix(both: Path) -> None:
    assert load(both).info.planned_load_seconds == 60.0


def test_who_was_not_asked_before_the_end_is_told_and_not_cleared(tmp_path: Path) -> None:
    # Baseline, warm-up, rest, and the three phases of light: the others were never asked.
    directory = write_run(tmp_path / "run", BOTH, phases=6, isolated=())
    found, caveats = attributed(directory)
    assert found.unreached == ("medium", "heavy")
    assert found.sentences[0].startswith("Of those that were measured (without ")
    assert any("Not asked alone to the end: medium, heavy" in caveat for caveat in caveats)
    nothing, _ = attributed(write_run(tmp_path / "short", BOTH, phases=2, isolated=()))
    assert nothing.sentences == (
        "No part of the plan was measured: nothing is known of any endpoint.",
    )


def test_before_the_mix_the_peak_is_that_of_the_parts_and_no_size_rests_on_it(
    tmp_path: Path,
) -> None:
    # The warm-up, in which all users export, is the largest that was seen.
    directory = write_run(tmp_path / "run", BOTH, phases=6, isolated=())
    _, findings = assemble(load(directory.path), 0.0)
    assert "in load-warm-up at 10 users" in findings.verdict.sentence
    (tile,) = (one for one in tiles(findings) if one.name == "Peak")
    assert "in load-warm-up" in tile.detail
    told = next(one for one in findings.measured if one.name == "peak_bytes")
    warm_up = next(one for one in findings.phases if one.name == "load-warm-up")
    assert told.value == warm_up.memory.peak_high
    assert findings.sizing.recommended_bytes is None
    assert any("before the mix, on which sizes" in caveat for caveat in findings.caveats)


def test_idle_is_before_all_parts_and_what_they_left_is_told(both: Path) -> None:
    _, findings = assemble(load(both), 0.0)
    idle = next(one for one in findings.measured if one.name == "idle_bytes")
    assert idle.value == pytest.approx(100 * MIB, rel=0.01)
    assert any(c.startswith("Before the mix the target held") for c in findings.caveats)


def test_what_the_mix_does_not_show_is_not_said_of_the_service(tmp_path: Path) -> None:
    directory = write_run(tmp_path / "run", BOTH, load_seconds=15.0)
    _, findings = assemble(load(directory.path), 0.0)
    assert "no leak seen in the mix by itself" in findings.verdict.sentence
    assert "GET /report keeps" in findings.verdict.sentence


def test_a_part_in_which_a_process_ended_is_not_judged_and_the_others_are(tmp_path: Path) -> None:
    """Truth: 20 KiB stay of each request to /report, whoever was replaced while it was asked."""
    phase = "load-1-get-report"
    directory = write_run(tmp_path / "run", replace(BOTH, ends_in=phase))
    found, caveats = attributed(directory, phase)
    assert found.ended == ("GET /report",)
    assert "GET /report" not in {one.endpoint for one in found.endpoints}
    assert value(of(found, "/export").transient) == pytest.approx(30 * MIB, rel=0.15)
    (told,) = [text for text in caveats if "a process of the target ended" in text]
    assert "GET /report" in told


def test_what_a_process_took_along_in_the_mix_is_no_slack_of_the_parts(tmp_path: Path) -> None:
    service = replace(BOTH, ends_in="load")
    found, caveats = attributed(write_run(tmp_path / "run", service), "load")
    assert found.ended == ("the mix",)
    assert value(of(found, "/report").retained) == pytest.approx(20 * KIB, rel=0.15)
    assert found.prediction is None
    assert any("ended in it: the mix" in text for text in caveats)


def test_a_small_process_that_ends_moves_no_level(tmp_path: Path) -> None:
    found, _ = attributed(write_run(tmp_path / "run", BOTH), "load", held=MIB // 2)
    assert found.ended == ()
    assert value(of(found, "/report").retained) == pytest.approx(20 * KIB, rel=0.15)


def test_of_a_tier_the_largest_request_seen_has_no_interval(both: Path) -> None:
    found, _ = attributed(align(load(both)).data.directory)
    heavy = next(one for one in found.tiers if one.tier == "heavy").transient
    assert heavy is not None and heavy.value == pytest.approx(30 * MIB, rel=0.05)
    assert heavy.interval is None
    assert estimate_text(heavy).endswith("MiB (the largest seen)")


@pytest.mark.parametrize(
    ("predicted", "kept", "agrees", "told"),
    [
        (15, 16, True, "6.2 % less was predicted than was kept, within what both leave open."),
        (15, 20, False, "25 % less was predicted than was kept."),
        # Of nothing that stood out, a share would be 100 % whatever was kept.
        (0, 2, True, "2.0 MiB less was predicted than was kept, within what both leave open."),
    ],
)
def test_a_difference_that_both_intervals_leave_open_is_told_as_such(
    predicted: int, kept: int, agrees: bool, told: str
) -> None:
    one = Alone(
        "tier light", "light", None, 100, (), (), (), 20.0, None, None, 0.0, 0.0, None, None
    )
    mix = Prediction(
        100, predicted * MIB, MIB, kept * MIB, MIB, 0.0, predicted / kept - 1, None, (), agrees
    )
    assert sentences_of((one,), mix, ())[-1].endswith(told)


def test_a_prediction_counts_the_wider_side_of_each_interval(tmp_path: Path) -> None:
    service = Service(retained={"/report": 200 * KIB}, transient={"/report": 6 * MIB})
    directory = write_run(tmp_path / "run", service, isolated_seconds=7.0)
    found, _ = attributed(directory)
    phases = json.loads(directory.locust_stats_json.read_text())["per_phase"]
    (mix,) = [phase["entries"] for phase in phases if phase["phase"] == "load"]
    asked = {f"GET {entry['name']}": entry["requests"] for entry in mix}
    shown = [one for one in (*found.endpoints, *found.tiers) if one.name != "tier heavy"]
    report = of(found, "/report").retained
    assert report is not None and report.interval is not None
    below, above = value(report) - report.interval[0], report.interval[1] - value(report)
    assert below > 10 * above
    halves = [
        one.retained.half * sum(asked[name] for name, _ in one.of_endpoint)
        for one in shown
        if one.retained is not None
    ]
    assert below * asked["GET /report"] in [pytest.approx(half) for half in halves]
    assert found.prediction is not None
    assert found.prediction.predicted_half_bytes == pytest.approx(hypot(*halves))


def test_the_rest_of_a_tier_has_a_row(tmp_path: Path) -> None:
    service = Service(retained={"/report": 20 * KIB, "/search": 20 * KIB})
    directory = write_run(tmp_path / "run", service, isolated=("/report",))
    run, findings = assemble(load(directory.path), 1.0)
    assert findings.attribution is not None
    (rest,) = findings.attribution.rest_of_tiers
    assert rest.name == "the rest of tier heavy"
    row = '<td class="text" title="the rest of tier heavy">the rest of tier heavy</td>'
    assert row in render_html(run, findings)
