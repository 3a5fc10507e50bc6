"""A target that went away together with its sidecar: nobody was left to see it.

In a container a sidecar shares the target's pid namespace, and the kernel ends it with the target's
first process. What remains is what the load generator saw: no answer from the sidecar, none from
the service, and no sample of that time that was found later. Whether the sidecar still read the
kernel's count of kills before it was ended is a race: where it did, the cause is known, and where
not, it is likely.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.aligning import AlignedRun
from reports.units import percent
from rundir import Event

UNANSWERED = 0.9
"""Share of failed requests from which on the service did not answer."""

LEAST_REQUESTS = 5
LOOKED_SECONDS = 10.0
NEAR_LIMIT = 0.9
LAST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Gone:
    """One sentence, and the kill that it tells of where the kernel's count of it was read."""

    story: str
    kill: Event | None = None


def gone_with_sidecar(run: AlignedRun, limit: int | None) -> Gone | None:
    """The first time that it happened; None where it did not."""
    for event in run.data.events:
        if event.name == "target_restarted" and event.fields.get("unseen") is True:
            last = _last_sample(run, event.time - 1.0)
            if last is not None and limit is not None and last[1] >= NEAR_LIMIT * limit:
                when = f"after {last[0] - run.origin:.1f} s"
                story = f"the target was restarted, unseen, {when}{_fullness(last[1], limit)}"
                return Gone(story)
        if event.name != "connection_lost":
            continue
        last = _last_sample(run, event.time)
        if last is not None and _nothing_seen(run, last[0]) and _unanswered(run, event.time):
            return _told(run, last, limit)
    return None


def _last_sample(run: AlignedRun, before: float) -> tuple[float, float] | None:
    """Time (epoch s) of the last sample that was readable, and the most bytes in that second.

    The very last may have been taken while the kernel was already clearing up.
    """
    memory = run.data.memory
    known = memory[memory[run.measure or "rss"].notna() & (memory["time"] < before + 1.0)]
    if not len(known):
        return None
    at = float(known["time"].iloc[-1])
    return at, float(known.loc[known["time"] >= at - LAST_SECONDS, run.measure or "rss"].max())


def _nothing_seen(run: AlignedRun, since: float) -> bool:
    """Whether no sample stands in the seconds after; one that was only cut off has them."""
    times = run.data.memory["time"]
    patience = max(1.0, 5 * (run.interval_seconds or 0.1))
    return not ((times > since) & (times <= since + patience)).any()


def _unanswered(run: AlignedRun, since: float) -> bool:
    seconds = [s for s in run.data.statistics.seconds if since < s.time <= since + LOOKED_SECONDS]
    requests, failures = sum(s.requests for s in seconds), sum(s.failures for s in seconds)
    return requests >= LEAST_REQUESTS and failures >= UNANSWERED * requests


def _told(run: AlignedRun, last: tuple[float, float], limit: int | None) -> Gone:
    at, size = last
    kill = _kill_at(run.data.events, at)
    if kill is not None:
        when = f"at {kill.time - run.origin:.1f} s"
        who = f"the target{_pid(run.data.events)}"
        return Gone(f"{who} was killed for lack of memory, {when}, and its sidecar with it", kill)
    text = (
        f"from {at - run.origin:.1f} s on neither the target{_pid(run.data.events)} nor its sidecar"
        " answered"
    )
    return Gone(text if limit is None else text + _fullness(size, limit))


def _kill_at(events: tuple[Event, ...], last_sample: float) -> Event | None:
    """The kill around the last sample, of which nobody knew yet whom it had hit."""
    return next(
        (
            event
            for event in events
            if event.name == "oom_kill"
            and not event.fields.get("pids")
            and abs(event.time - last_sample) <= LAST_SECONDS
        ),
        None,
    )


def _fullness(size: float, limit: int) -> str:
    text = f"; memory was last at {percent(size / limit)} of the limit"
    return f"{text}: most likely killed for lack of it" if size >= NEAR_LIMIT * limit else text


def _pid(events: tuple[Event, ...]) -> str:
    roots = [e for e in events if e.name == "process_started" and e.fields.get("role") == "root"]
    return f" (pid {roots[0].fields.get('pid')})" if roots else ""
