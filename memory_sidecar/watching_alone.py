"""A watch by hand: a live line on stderr, a summary on stdout."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from memory_sidecar.alerts import Alert
from memory_sidecar.sampler import measure_of, used_bytes
from memory_sidecar.summary import Summary
from memory_sidecar.watch import Watch

CLEAR = "\r\x1b[K"
LOOK_SECONDS = 0.5


def watch_alone(
    options: argparse.Namespace, pid: int, stop_on_signals: Callable[[Watch], None]
) -> int:
    """Show a live line until the end, then a summary. Raises SidecarError."""
    run = Watch(options, pid, _print_alert)
    stop_on_signals(run)
    run.recorder.event("run_started", pid=None)
    run.start()
    begun = time.monotonic()
    plain_next = 0.0
    on_terminal = sys.stderr.isatty()
    elapsed = 0.0
    # The look at the clock is a cost, too: as often as a person reads, not as often as we sample.
    while not run.wait(min(LOOK_SECONDS, _left(options.duration, elapsed))):
        elapsed = time.monotonic() - begun
        if options.duration is not None and elapsed >= options.duration:
            run.stop("completed")
        elif not run.sampler.census.target_alive:
            run.stop("target_lost")
        elif on_terminal:
            print(f"\r{_line(run, elapsed)}\x1b[K", end="", file=sys.stderr, flush=True)
        elif elapsed >= plain_next:
            plain_next = elapsed + 5.0
            print(_line(run, elapsed), file=sys.stderr, flush=True)
    if on_terminal:
        print(CLEAR, end="", file=sys.stderr)
    run.recorder.event("run_ended", reason=run.reason)
    try:
        return run.finish()
    finally:
        _print_summary(_summary(run), options)


def _left(duration: float | None, elapsed: float) -> float:
    return LOOK_SECONDS if duration is None else max(0.0, duration - elapsed)


def _print_alert(alert: Alert) -> None:
    # On a terminal the live line stands there: take it away first.
    print(f"{CLEAR if sys.stderr.isatty() else ''}ALERT  {alert.text}", file=sys.stderr, flush=True)


def _line(run: Watch, elapsed: float) -> str:
    latest, peak = run.sampler.latest, run.sampler.peak
    used = used_bytes(latest) if latest else None
    if latest is None or used is None or peak is None:
        return f"{elapsed:6.1f} s  memory unknown"
    return (
        f"{elapsed:6.1f} s  {latest.processes} processes  memory {used / 2**20:,.1f} MiB  "
        f"peak {peak / 2**20:,.1f} MiB of {run.sampler.limit.size_bytes / 2**20:,.0f} MiB"
    )


def _summary(run: Watch) -> Summary:
    counters, latest = run.sampler.counters, run.sampler.latest
    measures = {"working_set": "working set of its cgroup", "pss": "PSS", "rss": "RSS"}
    ends = {"target_lost": "the target has exited", "interrupted": "stopped by hand"}
    return run.summing.summary(
        measures[measure_of(latest)] if latest else "RSS",
        late=counters.late,
        missed=counters.missed,
        end=ends.get(run.reason, "the time is over"),
    )


def _print_summary(summary: Summary, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(asdict(summary), indent=2))
    else:
        print(summary.text())
