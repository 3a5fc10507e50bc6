"""What processes said of themselves, from a made run directory to the words of the report."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.assemble import assemble
from reports.comparing.comparison import compare
from reports.comparing.figures import figures_of
from reports.findings import Findings
from reports.inside.split import split_sentence
from reports.loading import load
from reports.render.console import console_summary
from reports.render.html import render_html
from reports.render.json import report_content
from rundir import NODE_COLUMNS, PYTHON_COLUMNS, MemorySample
from tests.reports.made_findings import findings_of, with_events
from tests.reports.made_run import EVIL, MIB, PID, START, MadeRun

RETAINED = 30 * MIB
"""Of the made run: 130 MiB after the load, 100 before."""


def look(moment: str, at: float, **fields: Any) -> tuple[str, float, dict[str, Any]]:
    return ("inside_look", at, {"moment": moment, "pid": PID, "source": "probe", **fields})


def types(**sizes: int) -> list[dict[str, Any]]:
    return [{"type": name, "count": 10, "size_bytes": size} for name, size in sizes.items()]


def retention(garbage: int, slack: int, **more: Any) -> tuple[str, float, dict[str, Any]]:
    fields = {"source": "probe", "processes": 1, "members": 1, "before_bytes": 130 * MIB, **more}
    return ("inside_retention", 50.2, {"garbage_bytes": garbage, "slack_bytes": slack, **fields})


ATTACHED = ("inside_attached", 0.05, {"pid": PID, "source": "probe", "detail": "Python 3.11"})
LOOKS = (
    look("before", 0.06, types=types(str=10 * MIB, ndarray=1 * MIB), explained_bytes=12 * MIB),
    look(
        "end",
        50.3,
        types=types(str=11 * MIB, ndarray=18 * MIB, tiny=1),
        explained_bytes=30 * MIB,
        usage={"rss_bytes": 120 * MIB},
        large=[{"type": "list", "size_bytes": 4 * MIB, "repr": EVIL}],
        complete=True,
    ),
)


def python_run(path: Path, *more: tuple[str, float, dict[str, Any]]) -> MadeRun:
    return MadeRun(path, events=with_events(ATTACHED, *LOOKS, *more))


def test_what_stays_is_told_in_three_parts(tmp_path: Path) -> None:
    found = findings_of(python_run(tmp_path / "run", retention(4 * MIB, 8 * MIB)))
    split = found.recovery.split
    assert split is not None
    assert (split.garbage_bytes, split.slack_bytes, split.beyond_bytes) == (4 * MIB, 8 * MIB, 0)
    assert split.live_bytes == RETAINED - 12 * MIB
    assert split_sentence(found) == (
        "Of the 30.0 MiB that did not come back: 18.0 MiB live (18.0 MiB of it as objects, mostly"
        " ndarray), 8.0 MiB free in the allocator, 4.0 MiB garbage in cycles."
    )


def test_what_was_there_before_the_load_is_not_counted_twice(tmp_path: Path) -> None:
    found = findings_of(python_run(tmp_path / "run", retention(10 * MIB, 50 * MIB)))
    split = found.recovery.split
    assert split is not None
    assert (split.garbage_bytes, split.slack_bytes) == (10 * MIB, 20 * MIB)
    assert (split.live_bytes, split.beyond_bytes) == (0, 30 * MIB)
    assert any("30.0 MiB more than the load had left" in caveat for caveat in found.caveats)


def test_processes_that_could_not_be_asked_are_said(tmp_path: Path) -> None:
    found = findings_of(python_run(tmp_path / "run", retention(0, 0, processes=2, members=3)))
    assert "2 of 3 processes could be asked." in (split_sentence(found) or "")


def test_nobody_asked_is_no_split_and_a_caveat_says_how_to_ask(tmp_path: Path) -> None:
    found = findings_of(MadeRun(tmp_path / "run"))
    assert found.recovery.split is None and found.inside is None
    assert report_content(found)["recovery"]["split"] == {}
    assert any("INSIDE=1" in caveat for caveat in found.caveats)


def test_a_refusal_is_a_caveat(tmp_path: Path) -> None:
    refused = ("inside_refused", 1.0, {"pid": 5, "source": "node", "reason": "port is taken"})
    found = findings_of(MadeRun(tmp_path / "run", events=with_events(refused)))
    assert "Not asked inside: port is taken." in found.caveats


@pytest.mark.parametrize(
    ("garbage", "slack", "hint"),
    [(2, 20, "MALLOC_ARENA_MAX"), (20, 2, "gc.collect()"), (5, 5, None)],
)
def test_a_hint_follows_from_where_most_of_it_is(
    tmp_path: Path, garbage: int, slack: int, hint: str | None
) -> None:
    found = findings_of(python_run(tmp_path / "run", retention(garbage * MIB, slack * MIB)))
    told = [step for step in (one.step for one in found.hints) if "MALLOC" in step or "gc." in step]
    assert len(told) == (0 if hint is None else 1)
    assert hint is None or hint in told[0]


def test_types_are_ordered_by_growth_and_explained(tmp_path: Path) -> None:
    inside = findings_of(python_run(tmp_path / "run")).inside
    assert inside is not None and inside.explained is not None
    assert [row.type for row in inside.types] == ["ndarray", "str", "tiny"]
    assert inside.types[0].growth_bytes == 17 * MIB
    assert (inside.explained.growth_bytes, inside.explained.rss_bytes) == (18 * MIB, 120 * MIB)


def with_node(row: MemorySample) -> MemorySample:
    """Once a second: the heap grows from 20 MiB by 2 MiB a second of load, a collection each."""
    if round(row.elapsed * 10) % 10:
        return row
    loaded = min(30.0, max(0.0, row.elapsed - 10))
    told = {
        "inside_processes": 1.0,
        "heap_used": (20 + 2 * loaded) * MIB,
        "heap_total": 100.0 * MIB,
        "heap_external": 1.0 * MIB,
        "gc_minor": 10 * loaded,
        "gc_major": loaded,
        "gc_seconds": 0.07 * loaded,
        "gc_longest": 0.02,
        "loop_delay": 0.03,
    }
    return replace(row, inside=told)


def node_run(path: Path, **more: Any) -> MadeRun:
    attached = ("inside_attached", 0.05, {"pid": PID, "source": "node", "detail": "Node v20"})
    heaps = [
        look(moment, at, source="node", heap={"heap_used": size * MIB}, types=[])
        for moment, at, size in (("before", 0.06, 20), ("end", 50.3, 80))
    ]
    events = with_events(attached, *heaps, retention(0, 5 * MIB, source="node"))
    return MadeRun(path, events=events, sample=with_node, more=NODE_COLUMNS, **more)


def test_readings_are_cut_into_phases(tmp_path: Path) -> None:
    inside = findings_of(node_run(tmp_path / "run")).inside
    assert inside is not None
    by_name = {phase.phase: phase for phase in inside.phases}
    assert by_name["baseline"].gc_major == 0
    assert by_name["load"].gc_major == pytest.approx(30, abs=1)
    assert by_name["load"].gc_share == pytest.approx(0.07, rel=0.05)
    assert by_name["load"].heap_used_max == pytest.approx(80 * MIB, rel=0.01)
    assert by_name["load"].loop_delay == 0.03


def test_figures_are_rated_by_the_lines_that_people_draw(tmp_path: Path) -> None:
    made = node_run(tmp_path / "run", run={"scenario": {"name": "made"}})
    inside = findings_of(made).inside
    assert inside is not None
    words = {rating.name: (rating.value, rating.word) for rating in inside.ratings}
    assert words["heap growth"] == ("60.0 MiB", "warning")
    assert words["memory growth"] == ("30.0 MiB", "healthy")
    assert words["time in collections"][1] == "warning"
    assert words["full collections"][1] == "shown"


def test_the_scenario_moves_the_lines(tmp_path: Path) -> None:
    thresholds = {
        "heap_growth_warning_bytes": 10 * MIB,
        "heap_growth_critical_bytes": 20 * MIB,
        "gc_time_warning": 0.2,
        "gc_runs_warning": 30,
    }
    made = node_run(tmp_path / "run", run={"scenario": {"name": "made", "thresholds": thresholds}})
    inside = findings_of(made).inside
    assert inside is not None
    words = {rating.name: rating.word for rating in inside.ratings}
    assert words["heap growth"] == "critical"
    assert words["time in collections"] == "healthy"
    assert words["full collections"] == "warning"


def gates(found: Findings) -> dict[str, bool | None]:
    return {gate.rule: gate.passed for gate in found.gates}


def test_gates_hold_heap_growth_and_time_in_collections(tmp_path: Path) -> None:
    for limit, kept in ((50, False), (70, True)):
        rules = {"heap_growth_mib": limit, "gc_time": 0.5}
        run = {"scenario": {"name": "made", "gates": rules}}
        found = gates(findings_of(node_run(tmp_path / str(limit), run=run)))
        assert (found["heap_growth_mib"], found["gc_time"]) == (kept, True)


def test_a_gate_on_what_nobody_told_is_not_kept(tmp_path: Path) -> None:
    run = {"scenario": {"name": "made", "gates": {"heap_growth_mib": 50}}}
    assert gates(findings_of(MadeRun(tmp_path / "run", run=run)))["heap_growth_mib"] is None


def test_a_comparison_shows_the_heap_where_both_sides_know_it(tmp_path: Path) -> None:
    node = figures_of(findings_of(node_run(tmp_path / "node")))
    plain = figures_of(findings_of(MadeRun(tmp_path / "plain")))
    shown = {one.name: one.word for one in compare((node,), (node,)).differences}
    assert shown["heap_growth_bytes"] == "not judged"
    assert "heap_growth_bytes" not in {one.name for one in compare((node,), (plain,)).differences}


def test_the_page_escapes_what_an_object_says_of_itself(tmp_path: Path) -> None:
    made = python_run(tmp_path / "run", retention(4 * MIB, 8 * MIB))
    run, findings = assemble(load(made.write().path), START + 1000)
    page = render_html(run, findings)
    assert EVIL not in page
    assert "Inside the processes: 1 asked" in page
    assert "kept: free in the allocator" in page
    assert "mostly ndarray" in " ".join(console_summary(findings, Path("r"), Path("r")).split())


def test_the_heap_is_drawn_beside_the_memory(tmp_path: Path) -> None:
    run, findings = assemble(load(node_run(tmp_path / "run").write().path), START + 1000)
    assert "V8 heap in use (MiB)" in render_html(run, findings)


def test_a_traced_run_gives_no_verdict(tmp_path: Path) -> None:
    found = findings_of(MadeRun(tmp_path / "run", run={"inside": {"traced": True}}))
    assert found.verdict.memory == "cannot_tell"
    assert "traced" in found.verdict.reasons[0]


def test_samples_of_python_are_read_with_their_own_columns(tmp_path: Path) -> None:
    def told(row: MemorySample) -> MemorySample:
        return replace(row, inside={"inside_processes": 1.0, "malloc_free": 7.0 * MIB})

    directory = MadeRun(tmp_path / "run", sample=told, more=PYTHON_COLUMNS).write()
    data = load(directory.path)
    assert data.inside["malloc_free"].iloc[0] == 7 * MIB
    assert "malloc_free" not in data.memory
    with directory.memory_samples.open() as stream:
        assert "malloc_free" in next(csv.reader(stream))


def test_broken_looks_do_not_break_the_report(tmp_path: Path) -> None:
    broken = (
        ("inside_look", 0.06, {"moment": "before", "types": "nonsense", "pid": "x"}),
        ("inside_look", 50.3, {"moment": "end", "types": [{"count": 1}, 5], "large": 7}),
        ("heap_snapshot", 50.4, {"pid": 1, "moment": "end", "file": "../../etc/passwd"}),
        ATTACHED,
    )
    found = findings_of(MadeRun(tmp_path / "run", events=with_events(*broken)))
    assert found.inside is not None and found.inside.types == ()
    assert json.dumps(report_content(found)["inside"])
