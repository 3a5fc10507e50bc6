"""Does the target fit the limit that it ran under?"""

from __future__ import annotations

from dataclasses import replace

from reports.aligning import AlignedRun
from reports.ending import Ending
from reports.findings import Fit, MemoryVerdict, PhaseFigures, WorkerAdvice
from reports.units import count_text, duration_text, percent, size_text
from reports.verdicts.gone import gone_with_sidecar
from reports.verdicts.thresholds import Thresholds
from rundir import Event

PARTIAL = "the run is partial"


def fit(
    run: AlignedRun,
    ending: Ending,
    phases: tuple[PhaseFigures, ...],
    doubts: tuple[str, ...],
    thresholds: Thresholds,
) -> Fit:
    """fails > cannot_tell > tight > fits, with every reason found.

    `fails`: the target died, was killed for memory, went away, or its peak is over the limit.
    `tight`: the peak is over the usage that is a warning (80 %). `cannot_tell`: there are `doubts`,
    or the run is partial.
    """
    limit, source = known_limit(run)
    peak = max((p.memory.peak_high for p in phases if p.memory.peak_high is not None), default=None)
    gone = gone_with_sidecar(run, limit)
    failures = (
        *_kills(run, told=gone.kill if gone else None),
        *((gone.story,) if gone else ()),
        *_failures(ending, peak, limit),
    )
    if ending.partial and not ending.target_died:
        doubts = (*doubts, f"{PARTIAL}: {ending.story}")
    if failures:
        return Fit("fails", (*failures, *doubts), limit, source)
    if limit is None:
        doubts = (*doubts, "no limit is known: neither a cgroup's, a given one, nor the host's")
    if doubts or limit is None or peak is None:
        return Fit("cannot_tell", doubts, limit, source)
    share = f"peak {size_text(peak)} is {percent(peak / limit)} of the {source}, {size_text(limit)}"
    tight = peak > thresholds.usage_warning * limit
    return Fit("tight" if tight else "fits", (share,), limit, source)


def over_time(
    found: Fit, memory: MemoryVerdict, workers: WorkerAdvice | None, restart_seconds: float
) -> Fit:
    """The same after `restart_seconds` without a restart: a leak eats what room there is.

    `fits_with_recycling` where replacing workers in time keeps it under the limit; else `fails`.
    """
    leak = memory.leak
    if found.fit in ("fails", "cannot_tell") or leak is None or leak.seconds_to_limit is None:
        return found
    when = duration_text(leak.seconds_to_limit)
    if leak.seconds_to_limit > restart_seconds:
        reason = f"the leak would reach the limit after {when} of this load without a restart"
        return replace(found, reasons=(*found.reasons, reason))
    if workers is not None and workers.max_requests and workers.refused is None:
        reason = (
            f"the leak would reach the limit after {when} of this load; with workers replaced"
            f" every {count_text(workers.max_requests)} requests it stays under"
            f" {size_text(workers.predicted_bytes)}"
        )
        return replace(found, fit="fits_with_recycling", reasons=(*found.reasons, reason))
    reason = f"the leak reaches the limit after {when} of this load"
    return replace(found, fit="fails", reasons=(reason, *found.reasons))


def known_limit(run: AlignedRun) -> tuple[int | None, str | None]:
    """The limit in bytes and its name: the samples' last one, else the host's memory."""
    limits, host = run.data.memory["limit"].dropna(), run.data.info.mem_total_bytes
    if len(limits) and (host is None or int(limits.iloc[-1]) < host):
        return int(limits.iloc[-1]), "limit"
    if host:
        return host, "host's memory (no smaller limit is set)"
    return None, None


def _kills(run: AlignedRun, told: Event | None) -> tuple[str, ...]:
    """One sentence for all kills but the one that is told elsewhere."""
    kills = [event for event in run.data.events if event.name == "oom_kill" and event is not told]
    if not kills:
        return ()
    counts = [count for kill in kills if isinstance(count := kill.fields.get("count"), int)]
    count = sum(counts) if counts else len(kills)
    what = "a process" if count == 1 else f"{count} processes"
    first = kills[0].time - run.origin
    when = f"at {first:.1f} s" if count == 1 else f"first at {first:.1f} s"
    was = "was" if count == 1 else "were"
    return (f"{what} of the target {was} killed for lack of memory, {when}{_pids(kills)}",)


def _pids(kills: list[Event]) -> str:
    known = [pid for kill in kills if isinstance(p := kill.fields.get("pids"), list) for pid in p]
    return f" (pid {', '.join(map(str, known[:10]))})" if known else ""


def _failures(ending: Ending, peak: int | None, limit: int | None) -> tuple[str, ...]:
    reasons = []
    if ending.target_died:
        reasons.append("the target died during the run")
    if peak is not None and limit is not None and peak > limit:
        reasons.append(f"peak {size_text(peak)} is over the limit of {size_text(limit)}")
    return tuple(reasons)
