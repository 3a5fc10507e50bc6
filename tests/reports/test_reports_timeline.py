"""The lines of the memory chart, and what is marked in it."""

from __future__ import annotations

from dataclasses import replace

from reports.assemble import assemble
from reports.loading import load
from reports.render.charts.embedding import charts_json
from reports.render.charts.timeline import timeline_charts
from reports.timeline import Timeline, timeline
from rundir import MemorySample
from tests.reports.made_findings import with_events
from tests.reports.made_run import MIB, MadeRun, memory_at


def timeline_of(made: MadeRun) -> Timeline:
    return timeline(*assemble(load(made.write().path), 0.0))


def in_own_group(row: MemorySample) -> MemorySample:
    used = memory_at(row.elapsed)
    return replace(row, cgroup_usage=used + 30 * MIB, working_set=used + 5 * MIB)


def test_the_working_set_leads_and_all_others_are_beside_it(made: MadeRun) -> None:
    names = [line.name for line in timeline_of(made.but(sample=in_own_group)).memory]
    assert names == [
        "working set (MiB)",
        "cgroup usage (MiB)",
        "PSS sum (MiB)",
        "RSS sum (MiB)",
    ]


def test_without_a_group_pss_leads(made: MadeRun) -> None:
    names = [line.name for line in timeline_of(made).memory]
    assert names == ["PSS sum (MiB)", "RSS sum (MiB)"]


def test_kills_and_restarts_are_marked_in_words(made: MadeRun) -> None:
    drawn = timeline_of(
        made.but(
            events=with_events(
                ("oom_kill", 25.0, {"count": 1}), ("target_restarted", 26.0, {"pid": 2})
            )
        )
    )
    assert [(mark.at, mark.text) for mark in drawn.marks] == [
        (25.0, "killed: out of memory"),
        (26.0, "target restarted"),
    ]
    assert "target restarted" in charts_json({"memory-chart": timeline_charts(drawn).memory})


def test_a_crash_loop_does_not_cover_the_chart(made: MadeRun) -> None:
    kills = [("oom_kill", 10 + n / 10, {"count": 1}) for n in range(200)]
    assert len(timeline_of(made.but(events=with_events(*kills))).marks) == 20
