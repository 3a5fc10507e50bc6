"""Each other hint: when it appears, when it does not, and the figures that it cites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports.attribution.findings import Alone, Attribution
from reports.connections.findings import Connections, HeldGrowth, Returned
from reports.findings import Recovery, Sizing, Split
from reports.hints.garbage import garbage
from reports.hints.held_growth import held_growth
from reports.hints.hint import Hint
from reports.hints.idle import idle
from reports.hints.page_cache import page_cache
from reports.hints.preload import preload
from reports.hints.sawtooth import sawtooth
from reports.hints.seen import Seen
from reports.hints.shared_files import shared_files
from reports.hints.slack import slack
from reports.hints.transient import transient
from reports.verdicts.trace import Life
from rundir import MemorySample, ProcessSample
from tests.hints.made_seen import (
    FOUND,
    KIB,
    MIB,
    NODE,
    PYTHON,
    START,
    collections,
    endpoint,
    named,
    seen_of,
    toothed,
)
from tests.reports.made_run import MadeRun

AFTER = "make compare BASE=runs/r NEW=runs/THE-RUN-AFTER"
NEEDS = endpoint(
    "/report",
    transient_bytes=30.0 * MIB,
    transient_ci95=(28.0 * MIB, 32.0 * MIB),
    high_water_growth_bytes=60 * MIB,
    attributed_from="isolated",
)
ALONE = Alone(
    name="GET /report",
    tier="heavy",
    endpoint="GET /report",
    requests=100,
    of_endpoint=(("GET /report", 100),),
    failed=(),
    single_user=(("GET /report", 10),),
    seconds=30.0,
    retained=None,
    transient=None,
    kept_bytes=0.0,
    once_bytes=0.0,
    high_water_bytes=60 * MIB,
    at_once=2.0,
)
SEEN_ALONE = Attribution((), (ALONE,), None, None, ())


def test_a_large_transient_is_cited_with_how_many_were_seen_at_once(made: MadeRun) -> None:
    hint = transient(seen_of(made, endpoints=(NEEDS,), attribution=SEEN_ALONE))
    assert hint is not None
    assert hint.evidence == (
        "it needs 30.0 MiB while it is served (95 %: 28.0 MiB to 32.0 MiB, in a phase of"
        " its own); at most 2.0 of them at once, 60.0 MiB, when all users asked it alone; one"
        " is 27 % of the 110.0 MiB from baseline to peak"
    )
    assert (hint.stake_bytes, hint.command) == (60 * MIB, AFTER)


def test_a_transient_that_does_not_make_the_peak_is_no_hint(made: MadeRun) -> None:
    small = replace(NEEDS, transient_bytes=5.0 * MIB, high_water_growth_bytes=5 * MIB)
    unsure = replace(NEEDS, transient_ci95=(-1.0, 60.0 * MIB))
    bound = endpoint("/z", transient_below_bytes=1.0 * MIB, attributed_from="bound")
    assert transient(seen_of(made, endpoints=(small, unsure, bound))) is None


def test_high_idle_cites_its_share_of_peak_and_size(made: MadeRun) -> None:
    hint = idle(seen_of(made, sizing=Sizing("rule", 125 * MIB, None, 250 * MIB)))
    assert hint is not None
    assert hint.evidence == (
        "100.0 MiB in phase baseline without users: 80 % of the peak (125.0 MiB), 40 % of the"
        " advised size (250.0 MiB)"
    )
    assert hint.command == "make imports SCENARIO=my.toml"


def test_a_small_share_at_idle_or_a_service_that_is_not_python_is_no_hint(made: MadeRun) -> None:
    assert idle(seen_of(made, sizing=Sizing("rule", 400 * MIB, None, 800 * MIB))) is None
    names = {"name": "node", "role": "root"}
    node = made.but(
        run={"target": {"found_by": "command", "command": ["node", "a.js"]}},
        process=lambda row: replace(row, **names),
    )
    assert idle(seen_of(node, sizing=Sizing("rule", 125 * MIB))) is None


def with_teeth(made: MadeRun, height_bytes: float, **parts: Any) -> Seen:
    return replace(seen_of(made, **parts), trace=toothed(height_bytes))


def test_a_sawtooth_near_its_limit_is_cited_with_its_height_and_rate(made: MadeRun) -> None:
    inside = replace(PYTHON, phases=(collections(9),))
    hint = sawtooth(with_teeth(made, 20 * MIB, limit_bytes=128 * MIB, inside=inside))
    assert hint is not None
    assert hint.evidence == (
        "under load memory fell 9 times, usually by 18.3 MiB (9.0 a minute, 15.0 per 1,000"
        " requests), from tops of up to 119.3 MiB, 93 % of the limit of 128.0 MiB; 9 full"
        " collections in that time"
    )
    assert "gc.set_threshold" in hint.step and hint.command == AFTER


def test_a_large_sawtooth_without_a_limit_asks_whether_it_is_the_collector(made: MadeRun) -> None:
    hint = sawtooth(with_teeth(made, 80 * MIB, limit_bytes=None))
    assert hint is not None and "limit" not in hint.evidence
    assert hint.command == "make headless-test SCENARIO=my.toml INSIDE=1"


def test_only_processes_that_can_answer_are_asked(made: MadeRun) -> None:
    seen = with_teeth(made, 80 * MIB, limit_bytes=None)
    found = sawtooth(replace(seen, commands=FOUND))
    assert found is not None
    assert found.command == f"make headless-test SCENARIO=my.toml {START} INSIDE=1"
    hint = sawtooth(with_teeth(named(made, "server"), 80 * MIB, limit_bytes=None))
    assert hint is not None and hint.command == AFTER


@pytest.mark.parametrize("height_bytes", [4 * MIB, 20 * MIB])
def test_small_teeth_far_from_the_limit_are_no_hint(made: MadeRun, height_bytes: int) -> None:
    assert sawtooth(with_teeth(made, height_bytes, limit_bytes=512 * MIB)) is None
    assert sawtooth(seen_of(made)) is None


def split(live: int, free: int, dead: int, source: str = "probe") -> Recovery:
    parts = Split(live * MIB, free * MIB, dead * MIB, 0, source, 1, 1)
    return Recovery(retained_bytes=(live + free + dead) * MIB, split=parts)


def test_what_the_allocator_keeps_is_cited(made: MadeRun) -> None:
    hint = slack(seen_of(made, recovery=split(10, 80, 10)))
    assert hint is not None
    assert hint.evidence == (
        "after the last phase 80.0 MiB of the 100.0 MiB that stayed (80 %) were free, and given"
        " back when asked"
    )
    assert "MALLOC_ARENA_MAX=2" in hint.step and hint.section == "recovery"


def test_garbage_is_cited(made: MadeRun) -> None:
    hint = garbage(seen_of(made, recovery=split(10, 10, 80), inside=PYTHON))
    assert hint is not None
    assert hint.evidence == (
        "after the last phase 80.0 MiB of the 100.0 MiB that stayed (80 %) were garbage, gone"
        " after a collection"
    )
    assert "gc.collect()" in hint.step and hint.section == "inside"


def test_node_is_told_of_its_own_setting(made: MadeRun) -> None:
    for judge, recovery in ((slack, split(0, 90, 10, "node")), (garbage, split(0, 10, 90, "node"))):
        hint = judge(seen_of(made, recovery=recovery, inside=NODE))
        assert hint is not None and "--max-old-space-size" in hint.step


@pytest.mark.parametrize("judge", [slack, garbage])
def test_neither_appears_where_live_objects_stay_or_nobody_was_asked(
    made: MadeRun, judge: Callable[[Seen], Hint | None]
) -> None:
    assert judge(seen_of(made, recovery=split(60, 20, 20))) is None
    assert judge(seen_of(made, recovery=split(0, 4, 4))) is None
    assert judge(seen_of(made, recovery=Recovery(retained_bytes=90 * MIB))) is None


def two_workers(made: MadeRun, uss_mib: int, command: str = "gunicorn app:app -w 2") -> Seen:
    run = {"target": {"found_by": "command", "command": command.split()}}
    seen = seen_of(made.but(run=run))
    row = ProcessSample(
        0.0, 1.0, "baseline", 1, 0.0, "worker", "gunicorn", 100 * MIB, 95 * MIB, uss_mib * MIB
    )
    names = ("elapsed", "phase", "pid", "role", "name", "rss", "pss", "uss")
    workers = pd.DataFrame(
        [{n: getattr(replace(row, pid=pid), n) for n in names} for pid in (1, 2)]
    )
    data = replace(seen.run.data, processes=workers)
    return replace(seen, run=replace(seen.run, data=data))


def test_workers_that_share_little_are_cited_with_both_sums(made: MadeRun) -> None:
    hint = preload(two_workers(made, 90))
    assert hint is not None
    assert hint.evidence == (
        "in phase baseline the workers' USS adds up to 180.0 MiB, their RSS to 200.0 MiB: 90 % is"
        " each one's own"
    )
    assert hint.stake_bytes == 90 * MIB


def test_workers_that_share_or_are_preloaded_or_not_gunicorns_are_no_hint(made: MadeRun) -> None:
    assert preload(two_workers(made, 40)) is None
    assert preload(two_workers(made, 90, "gunicorn --preload app:app")) is None
    assert preload(seen_of(made)) is None


def grouped(after_mib: dict[str, int]) -> Callable[[MemorySample], MemorySample]:
    """In the memory group 10 MiB of each before the load, and so many from its end on."""

    def with_group(row: MemorySample) -> MemorySample:
        late = row.phase == "cooldown"
        sizes: dict[str, Any] = {
            name: (size if late else 10) * MIB for name, size in after_mib.items()
        }
        return replace(row, **sizes)

    return with_group


def test_files_in_memory_that_stay_are_cited(made: MadeRun) -> None:
    sample = grouped({"cgroup_file": 60, "cgroup_shmem": 50})
    seen = seen_of(made.but(sample=sample))
    hint = shared_files(seen)
    assert hint is not None
    assert hint.evidence == (
        "tmpfs and shared memory of the group: 10.0 MiB in phase baseline, 50.0 MiB in phase"
        " cooldown; they count against the limit and cannot be dropped"
    )
    assert hint.stake_bytes == 40 * MIB
    # What is left of the file pages is 10 MiB.
    assert page_cache(seen) is None


def test_page_cache_that_stays_is_cited_without_its_tmpfs(made: MadeRun) -> None:
    seen = seen_of(made.but(sample=grouped({"cgroup_file": 90, "cgroup_shmem": 12})))
    hint = page_cache(seen)
    assert hint is not None
    assert hint.evidence == (
        "file pages of the group: 10.0 MiB in phase baseline, 90.0 MiB in phase cooldown, 78.0 MiB"
        " of the growth no tmpfs; the kernel drops them when the limit is near"
    )
    assert hint.command == "make verify RUN=runs/r"
    assert shared_files(seen) is None


def test_page_cache_of_a_run_that_cannot_be_repeated_asks_for_one_that_can(made: MadeRun) -> None:
    seen = seen_of(made.but(sample=grouped({"cgroup_file": 90})))
    hint = page_cache(replace(seen, commands=FOUND))
    assert hint is not None and "started by the suite" in hint.step
    assert hint.command == f"make headless-test SCENARIO=my.toml {START} VERIFY=1"


def test_without_a_memory_group_nothing_is_said_of_files(made: MadeRun) -> None:
    seen = seen_of(made)
    assert shared_files(seen) is None and page_cache(seen) is None


HELD = Connections(
    kind="events",
    path="/api/events",
    noun="event stream",
    asked=20,
    counts=(),
    bytes_per_connection=None,
    ci95=None,
    below_bytes=None,
    reason="each grows",
    held=HeldGrowth(39.0, 256.0 * KIB, (250.0 * KIB, 262.0 * KIB)),
    returned=Returned("no"),
    reconnects=0,
    failed_reconnects=0,
    read_bytes_per_second=1000.0,
)


def test_connections_that_grow_while_held_are_cited_and_their_leftovers_are_not(
    made: MadeRun,
) -> None:
    seen = seen_of(made, connections=HELD, recovery=split(0, 124, 1))
    hint = held_growth(seen)
    assert hint is not None
    assert hint.evidence == (
        "20 event streams, held for 39 s, read at 1.0 KiB a second: 256.0 KiB each every second"
        " (95 %: 250.0 KiB to 262.0 KiB, nobody opened any meanwhile)"
    )
    assert slack(seen) is None
    grown = HeldGrowth(39.0, 256.0 * KIB, (250.0 * KIB, 262.0 * KIB), connections=5)
    fewer = held_growth(seen_of(made, connections=replace(HELD, held=grown, reconnects=900)))
    assert fewer is not None and fewer.evidence.startswith("5 event streams, held")
    assert "nobody opened" not in fewer.evidence
    assert fewer.stake_bytes == hint.stake_bytes / 4
    stands = replace(HELD, held=HeldGrowth(39.0, below_bytes_per_second=300.0))
    still = seen_of(made, connections=stands, recovery=split(0, 124, 1))
    assert held_growth(still) is None and slack(still) is not None


def test_falls_at_which_a_process_ends_are_no_sawtooth(made: MadeRun) -> None:
    seen = with_teeth(made, 80 * MIB, limit_bytes=None)
    exits = tuple(
        Life(pid, "worker", "w", 6.0 * pid, 6.0 * (pid + 1), True, np.empty(0), np.empty(0))
        for pid in range(10)
    )
    assert sawtooth(seen) is not None
    assert sawtooth(replace(seen, trace=replace(seen.trace, lives=exits))) is None


def test_falls_that_are_no_collections_are_not_laid_to_the_collector(made: MadeRun) -> None:
    inside = replace(PYTHON, phases=(collections(0),))
    hint = sawtooth(with_teeth(made, 80 * MIB, limit_bytes=None, inside=inside))
    assert hint is not None and "0 full collections" in hint.evidence
    assert "gc." not in hint.step and "smaller batches" in hint.step
