"""Does the target fit the limit that it ran under?"""

from __future__ import annotations

from reports.aligning import AlignedRun
from reports.blindness import missing_fraction
from reports.ending import Ending
from reports.findings import Fit, PhaseFigures
from reports.units import percent, size_text
from rundir import Event

TIGHT_FRACTION = 0.80
MISSING_FRACTION = 0.05


def fit(run: AlignedRun, ending: Ending, phases: tuple[PhaseFigures, ...]) -> Fit:
    """fails > cannot_tell > tight > fits, with every reason found.

    `fails`: the target died, was killed for memory, or its peak is over the limit. `tight`: the
    peak is over 80 % of it. `cannot_tell`: see `_doubts`.
    """
    limit, source = known_limit(run)
    peak = max((p.memory.peak_high for p in phases if p.memory.peak_high is not None), default=None)
    failures = (*_kills(run), *_failures(ending, peak, limit))
    doubts = _doubts(run, ending, phases)
    if failures:
        return Fit("fails", (*failures, *doubts), limit, source)
    if limit is None:
        doubts = (*doubts, "no limit is known: neither a cgroup's, a given one, nor the host's")
    if doubts or limit is None or peak is None:
        return Fit("cannot_tell", doubts, limit, source)
    share = f"peak {size_text(peak)} is {percent(peak / limit)} of the {source}, {size_text(limit)}"
    return Fit("tight" if peak > TIGHT_FRACTION * limit else "fits", (share,), limit, source)


def known_limit(run: AlignedRun) -> tuple[int | None, str | None]:
    """The limit in bytes and its name: the samples' last one, else the host's memory."""
    limits, host = run.data.memory["limit"].dropna(), run.data.info.mem_total_bytes
    if len(limits) and (host is None or int(limits.iloc[-1]) < host):
        return int(limits.iloc[-1]), "limit"
    if host:
        return host, "host's memory (no smaller limit is set)"
    return None, None


def _kills(run: AlignedRun) -> tuple[str, ...]:
    kills = [event for event in run.data.events if event.name == "oom_kill"]
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


def _doubts(run: AlignedRun, ending: Ending, phases: tuple[PhaseFigures, ...]) -> tuple[str, ...]:
    doubts = []
    if not any(phase.is_load and phase.memory.max_sampled is not None for phase in phases):
        doubts.append("no memory was sampled under load")
    for phase in run.load_phases:
        missing = missing_fraction(run, phase)
        if missing is not None and missing > MISSING_FRACTION:
            doubts.append(
                f"{percent(missing)} of the ticks in phase {phase.window.name} are missing or"
                f" unreadable (more than {percent(MISSING_FRACTION)})"
            )
    if any(event.name == "generator_saturated" for event in run.data.events):
        doubts.append("the load generator was saturated: the load was less than planned")
    if ending.partial and not ending.target_died:
        doubts.append(f"the run is partial: {ending.story}")
    return tuple(doubts)
