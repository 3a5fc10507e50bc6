"""How the run ended, and who died when it did not end as planned."""

from __future__ import annotations

from dataclasses import dataclass

from reports.aligning import AlignedRun
from reports.stopped import stop_of, stop_story
from rundir import Event

# The sampler may stop this long before the last request without anything being wrong.
PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Ending:
    """`reason` as recorded (None: nothing recorded); `story` is empty for a complete run."""

    reason: str | None
    target_died: bool
    out_of_memory: bool
    story: str

    @property
    def partial(self) -> bool:
        return bool(self.story)


def ending_of(run: AlignedRun) -> Ending:
    """Read the end from the events, run.json, and what stopped first."""
    events = run.data.events
    ended = _last(events, "run_ended")
    reason = ended.fields.get("reason") if ended else run.data.info.end_reason
    reason = reason if isinstance(reason, str) else None
    lost, oom = _last(events, "target_lost"), _last(events, "oom_kill")
    died = lost is not None or reason == "target_lost"
    stories = [
        _target_story(run, lost, oom) if died else "",
        stop_story(run) if stop_of(run) else "",
        _sampler_story(run),
    ]
    if not died:
        stories.append(_generator_story(run, reason))
    return Ending(reason, died, oom is not None, "; ".join(filter(None, stories)))


def _target_story(run: AlignedRun, lost: Event | None, oom: Event | None) -> str:
    event = lost or oom
    # Of several, the one that it was.
    whose = f" {event.fields.get('target')}" if event and run.data.targets else ""
    what = f"a process of the target{whose} was killed for lack of memory"
    what = what if oom else f"the target{whose} died"
    when = f" at {_gone_since(event) - run.origin:.1f} s" if event else ""
    why = event.fields.get("reason") if event else None
    return f"{what}{when}" + (f" ({why})" if why else "")


def _gone_since(event: Event) -> float:
    """A target is waited for before it is called lost."""
    away = event.fields.get("seconds")
    return event.time - (float(away) if isinstance(away, int | float) else 0.0)


def _generator_story(run: AlignedRun, reason: str | None) -> str:
    lost = _last(run.data.events, "generator_lost")
    if lost is not None:
        return f"Locust went away at {lost.time - run.origin:.1f} s without ending the run"
    match reason:
        case "completed" | "load_stopped":
            return ""
        case "generator_lost":
            return "Locust went away without ending the run"
        case "interrupted":
            return "it was interrupted"
        case "failed":
            return "it failed"
        case _:
            return "no end was recorded (Locust was killed, or the run is still going on)"


def _sampler_story(run: AlignedRun) -> str:
    """Where requests or phases went on after the last sample."""
    going_on = [phase.window.end for phase in run.phases if phase.window.ended]
    going_on += [s.time for s in run.data.statistics.seconds if s.requests or s.users]
    memory = run.data.memory
    if not going_on or not len(memory):
        return "" if len(memory) else "no memory was sampled"
    last, end = float(memory["time"].iloc[-1]), max(going_on)
    if end - last <= PATIENCE_SECONDS or _last(run.data.events, "target_lost"):
        return ""
    return (
        f"the sidecar stopped first, blind from {last - run.origin:.1f} s"
        f" to {end - run.origin:.1f} s"
    )


def _last(events: tuple[Event, ...], name: str) -> Event | None:
    return next((event for event in reversed(events) if event.name == name), None)
