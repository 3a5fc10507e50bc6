"""From an aligned run to what it says of open connections."""

from __future__ import annotations

from dataclasses import replace

from reports.aligning import AlignedRun
from reports.connections.findings import Connections, OpenCount
from reports.connections.growing import growth_while_held
from reports.connections.held_open import HeldOpen
from reports.connections.opened import disagrees, open_counts, still_open
from reports.connections.returning import returned
from reports.connections.stairs import per_connection
from reports.connections.words import in_one_sentence
from reports.findings import MemoryVerdict, Scaling
from reports.verdicts.leak import LONG_ENOUGH
from reports.verdicts.trace import Stage, Trace
from scenarios.model import HOLD_PHASE, RECONNECT

A_RUN_OF_REQUESTS = "a run of requests (make headless-test without PLAN=connections)"


def connections_of(
    run: AlignedRun, trace: Trace, memory: MemoryVerdict
) -> tuple[Connections, Scaling] | None:
    """The finding, and memory against open connections; None in a run of another kind."""
    asked = run.data.info.held_open
    if asked is None or not trace.load:
        return None
    counts = open_counts(run)
    stages = with_open_counts(trace.stages, counts)
    return _judged(run, asked, counts, replace(trace, stages=stages), memory)


def of_few_requests(memory: MemoryVerdict) -> MemoryVerdict:
    """Connections that are held longer are no more requests: only another plan asks some."""
    if memory.would_decide != LONG_ENOUGH:
        return memory
    return replace(memory, would_decide=A_RUN_OF_REQUESTS)


def with_open_counts(stages: tuple[Stage, ...], counts: tuple[OpenCount, ...]) -> tuple[Stage, ...]:
    """Where fewer were open than asked for, those that were open count.

    More descriptors are no more connections: a service may open one to somewhere else for each.
    """
    found = {one.phase: one.open for one in counts if disagrees(one) and one.lacks}
    return tuple(
        replace(stage, users=found.get(stage.name, stage.users)) if stage.is_load else stage
        for stage in stages
    )


def _judged(
    run: AlignedRun,
    asked: HeldOpen,
    counts: tuple[OpenCount, ...],
    trace: Trace,
    memory: MemoryVerdict,
) -> tuple[Connections, Scaling]:
    hold = next((stage for stage in trace.load if stage.name == HOLD_PHASE), None)
    stairs = tuple(stage for stage in trace.load if stage is not hold)
    held = growth_while_held(trace, hold) if hold is not None else None
    each = per_connection(trace, stairs, memory, held)
    again = [entry for entry in run.data.statistics.entries if entry.name == RECONNECT]
    found = Connections(
        asked.kind,
        asked.path,
        asked.noun,
        max(one.asked for one in counts),
        counts,
        each.bytes,
        each.ci95,
        each.below_bytes,
        each.reason,
        held,
        returned(trace, each, held, still_open(run)),
        sum(entry.requests for entry in again),
        sum(entry.failures for entry in again),
        asked.read_bytes_per_second,
    )
    return replace(found, sentence=in_one_sentence(found)), each.scaling
