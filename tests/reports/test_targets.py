"""Several targets in one report: each by its own limit, and who stands out."""

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from reports.assemble import assemble
from reports.findings import Findings
from reports.loading import load
from reports.render.html import render_html
from reports.render.json import report_content
from reports.stacking import layers
from reports.targets.findings import TargetFigures
from reports.targets.unevenness import uneven
from rundir import MemorySample, RunDirectory
from tests.reports.made_run import MIB, START, MadeRun, event_list

NAMES = ("replica-1", "replica-2", "replica-3")


def scaled(factor: float, limit: int) -> Any:
    def change(row: MemorySample) -> MemorySample:
        size = int(factor * (row.pss or 0))
        return replace(row, pss=size, rss=size, limit=limit)

    return change


def run_of(made: MadeRun, limits: tuple[int, int, int] = (512, 512, 512)) -> RunDirectory:
    """Three targets, each as the made run; the whole is three times that."""
    hosts = [
        {"name": name, "host": {"hostname": f"host-{name}", "mem_total_bytes": 8192 * MIB}}
        for name in NAMES
    ]
    whole = made.but(
        sample=scaled(3.0, sum(limits) * MIB),
        run={"targets": hosts, "host": {"mem_total_bytes": 3 * 8192 * MIB}},
    )
    directory = whole.write()
    for name, limit in zip(NAMES, limits, strict=True):
        one = replace(made, path=directory.target(name).path, sample=scaled(1.0, limit * MIB))
        one.write(without=("run.json", "locust_stats.json", "locust_stats_history.csv"))
    return directory


def findings_in(directory: RunDirectory) -> Findings:
    return assemble(load(directory.path), START + 1000)[1]


def test_each_target_has_its_own_figures_and_the_whole_is_their_sum(made: MadeRun) -> None:
    found = findings_in(run_of(made))
    assert [target.name for target in found.targets] == list(NAMES)
    one = found.targets[0]
    assert one.idle_bytes == 100 * MIB
    assert one.share == pytest.approx(1 / 3)
    assert one.host == "host-replica-1"
    assert found.sizing.peak_bytes is not None
    assert one.peak_bytes is not None
    assert found.limit_bytes == 3 * 512 * MIB


def test_alike_targets_under_their_limits_fit(made: MadeRun) -> None:
    assert findings_in(run_of(made)).verdict.fit == "fits"


def test_a_replica_over_its_own_limit_fails_although_the_total_fits(made: MadeRun) -> None:
    found = findings_in(run_of(made, (512, 190, 512)))
    assert found.verdict.fit == "fails"
    assert found.verdict.reasons[0].startswith("replica-2: peak ")
    assert "replica-2" in found.verdict.sentence
    assert [target.fit for target in found.targets] == ["fits", "fails", "fits"]


def test_the_page_and_the_json_show_every_target(made: MadeRun) -> None:
    run, found = assemble(load(run_of(made).path), START + 1000)
    page = render_html(run, found)
    assert 'id="targets"' in page
    assert "None of them grows or weighs unlike the others." in page
    assert page.count("replica-") >= 3 * len(NAMES)
    content = report_content(found)
    assert [target["name"] for target in content["targets"]] == list(NAMES)
    assert any("sum over 3 targets" in text for text in content["caveats"])


def test_a_run_of_one_target_has_no_such_section(made: MadeRun) -> None:
    run, found = assemble(load(made.write().path), START + 1000)
    assert found.targets == ()
    assert 'id="targets"' not in render_html(run, found)


def test_a_target_whose_tables_are_missing_is_a_caveat(made: MadeRun) -> None:
    directory = run_of(made)
    directory.target("replica-3").memory_samples.unlink()
    found = findings_in(directory)
    assert any(text.startswith("replica-3: memory_samples.csv") for text in found.caveats)
    assert found.targets[2].peak_bytes is None
    assert found.verdict.fit == "cannot_tell"


def test_a_clock_known_worse_than_half_an_interval_is_a_caveat(made: MadeRun) -> None:
    def caveats(uncertainty: float) -> tuple[str, ...]:
        fields = {"sidecar": "web", "offset_seconds": 3.0, "uncertainty_seconds": uncertainty}
        events = [*event_list(), ("clock_offset", 0.1, fields)]
        path = made.path.parent / str(uncertainty)
        return findings_in(replace(made, path=path, events=events).write()).caveats

    assert any("The clock of web is known to 80.0 ms only" in text for text in caveats(0.08))
    assert not any("clock of web" in text for text in caveats(0.02))


def test_samples_that_a_killed_master_left_are_told_with_the_command(made: MadeRun) -> None:
    directory = made.write()
    directory.pulled("web").path.mkdir(parents=True)
    caveats = findings_in(directory).caveats
    assert any("python -m harness.pulling --end-run" in text for text in caveats)


def went_away(
    made: MadeRun, *, answering: bool, seen: bool, limit: int = 190, killed_at: float | None = None
) -> Findings:
    """At 35 s the sidecar is lost; the memory then is at 183 MiB."""

    def sample(row: MemorySample) -> MemorySample | None:
        limited = replace(row, limit=limit * MIB)
        return limited if seen or row.elapsed < 35 else None

    lost = ("connection_lost", 35.2, {"sidecar": "target", "reason": "refused"})
    events = [event for event in event_list() if event[0] != "process_exited"]
    if killed_at is not None:
        events.append(("oom_kill", killed_at, {"count": 1, "pids": []}))
    directory = made.but(sample=sample, events=[*events, lost]).write()
    content = json.loads(directory.locust_stats_json.read_text())
    for second in content["seconds"]:
        for entry in second["entries"].values():
            if not answering and second["time"] > START + 35:
                entry["failures"] = entry["requests"]
    directory.locust_stats_json.write_text(json.dumps(content))
    return findings_in(directory)


def test_a_target_that_goes_away_with_its_sidecar_near_its_limit_was_killed(made: MadeRun) -> None:
    verdict = went_away(made, answering=False, seen=False).verdict
    assert verdict.fit == "fails"
    (reason,) = [text for text in verdict.reasons if "neither the target" in text]
    assert reason.startswith(
        "from 34.9 s on neither the target (pid 4711) nor its sidecar answered"
    )
    assert reason.endswith("96 % of the limit: most likely killed for lack of it")


def test_a_kill_that_the_sidecar_just_read_before_it_went_is_told_once_and_of_whom(
    made: MadeRun,
) -> None:
    verdict = went_away(made, answering=False, seen=False, killed_at=34.9).verdict
    told = [text for text in verdict.reasons if "killed for lack" in text]
    assert told == [
        "the target (pid 4711) was killed for lack of memory, at 34.9 s, and its sidecar with it"
    ]
    assert told[0] in verdict.sentence


def test_an_earlier_kill_is_told_apart_from_the_one_that_took_the_sidecar(made: MadeRun) -> None:
    verdict = went_away(made, answering=False, seen=False, killed_at=20.0).verdict
    told = [text for text in verdict.reasons if "killed for lack" in text]
    assert told[0] == "a process of the target was killed for lack of memory, at 20.0 s"
    assert told[1].endswith("most likely killed for lack of it")


def test_a_target_that_came_back_unseen_near_its_limit_was_killed(made: MadeRun) -> None:
    def sample(row: MemorySample) -> MemorySample | None:
        return None if 35 <= row.elapsed < 38 else replace(row, limit=190 * MIB)

    again = ("target_restarted", 38.0, {"old_pid": 1, "pid": 1, "seconds": None, "unseen": True})
    found = findings_in(made.but(sample=sample, events=[*event_list(), again]).write())
    assert found.verdict.fit == "fails"
    told = "the target was restarted, unseen, after 34.9 s; memory was last at 96 % of the limit"
    assert any(reason.startswith(told) for reason in found.verdict.reasons)


def test_a_sidecar_alone_that_is_lost_is_no_end_of_its_target(made: MadeRun) -> None:
    for answering, seen in ((True, False), (False, True)):
        path = made.path.parent / f"{answering}{seen}"
        found = went_away(replace(made, path=path), answering=answering, seen=seen)
        assert not any("neither the target" in text for text in found.verdict.reasons)


def figures(name: str, memory: str = "stable", **sizes: Any) -> TargetFigures:
    known: dict[str, Any] = {
        "host": None, "idle_bytes": 0, "load_bytes": 0, "peak_bytes": 100 * MIB,
        "growth_bytes": 10 * MIB, "share": None, "limit_bytes": None, "recommended_bytes": None,
        "fit": "fits", "fit_reasons": (), "memory": memory, "reasons": (),
        "leak_bytes_per_request": 20480.0 if memory == "leak" else None,
    }  # fmt: skip
    return TargetFigures(name=name, **(known | sizes))


def test_the_one_that_leaks_is_told_and_what_the_others_do() -> None:
    (told,) = uneven([figures("replica-1"), figures("replica-2", "leak"), figures("replica-3")])
    assert told == (
        "replica-2 leaks 20.0 KiB with each request to the service, the others are stable"
    )
    (told,) = uneven([figures("web", "leak"), figures("db", "cannot_tell")])
    assert told.endswith("db is of unknown growth")


def test_targets_that_all_leak_are_alike() -> None:
    assert uneven([figures("replica-1", "leak"), figures("replica-2", "leak")]) == ()


def test_a_replica_that_grows_much_more_stands_out_but_a_part_of_a_service_does_not() -> None:
    replicas = [figures(f"web-{n}") for n in (1, 2, 3)]
    grown = replace(replicas[1], growth_bytes=90 * MIB)
    (told,) = uneven([replicas[0], grown, replicas[2]])
    assert told == "web-2 grows under load by 90.0 MiB, the others 10.0 MiB (median)"
    assert uneven([figures("web"), replace(grown, name="worker"), figures("db")]) == ()


def test_the_targets_are_stacked_up_to_their_sum(made: MadeRun) -> None:
    run, _ = assemble(load(run_of(made).path), START + 1000)
    stacked = layers(run)
    assert {layer.name for layer in stacked} == set(NAMES)
    for below, above in itertools.pairwise(stacked):
        assert (above.low == below.high).all()
    middle = len(stacked[0].x) // 10
    assert stacked[0].low[middle] == 0
    assert stacked[-1].high[middle] == pytest.approx(300, rel=0.01)


def test_of_many_targets_the_smallest_share_one_layer(made: MadeRun) -> None:
    data = load(run_of(made).path)
    many = tuple((f"t{number}", one) for number in range(4) for _, one in data.targets)
    run, _ = assemble(data, START + 1000)
    named = tuple((f"{name}-{number}", one) for number, (name, one) in enumerate(many))
    stacked = layers(replace(run, data=replace(run.data, targets=named)))
    assert [layer.name for layer in stacked][-1] == "8 others"
    assert len(stacked) == 5
