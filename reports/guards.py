"""What the guards did to the load, and what was left unguarded, as caveats."""

from __future__ import annotations

from itertools import takewhile

from reports.aligning import AlignedRun
from reports.statistics import Second
from reports.stopped import stop_caveats

AT_THE_CAP = 0.95
WINDOW_SECONDS = 10.0
WORKERS_WINDOW_SECONDS = 60.0
"""Workers report every three seconds: over ten, their steps would pass for a higher rate."""

WORKERS_LATE_SECONDS = 4.0
"""What they sent last is counted when the load is over."""


def guard_caveats(run: AlignedRun) -> tuple[str, ...]:
    """One sentence for each guard that bears on the figures."""
    return (*stop_caveats(run), *_rate_caveats(run), *_tls_caveats(run))


def _rate_caveats(run: AlignedRun) -> tuple[str, ...]:
    cap, rate = run.data.info.max_rps, highest_rate(run)
    if cap is None or rate is None:
        return ()
    if rate < AT_THE_CAP * cap:
        return (f"MAX_RPS={cap:g} was not reached: the load was at most {rate:,.1f} requests/s.",)
    return (
        f"The rate was capped at {cap:g} requests/s (MAX_RPS): response times and memory are those"
        " at the cap, the users wanted more.",
    )


def highest_rate(run: AlignedRun) -> float | None:
    """Requests per second in the busiest window of the load, or in all of a shorter one."""
    if not run.load_phases:
        return None
    by_workers = bool(run.data.info.generator_workers)
    start, end = run.load_phases[0].window.start, run.load_phases[-1].window.end
    window = min(WORKERS_WINDOW_SECONDS if by_workers else WINDOW_SECONDS, end - start)
    late = WORKERS_LATE_SECONDS if by_workers else 1.0
    seconds = [s for s in run.data.statistics.seconds if start < s.time <= end + late]
    if not seconds or window <= 0:
        return None
    return max(_requests_from(seconds, first, window) for first in range(len(seconds))) / window


def _requests_from(seconds: list[Second], first: int, window: float) -> int:
    """Those of the seconds that end within `window` seconds from the first one's beginning."""
    began = seconds[first].time - seconds[first].seconds
    # A heartbeat is never quite a second after the one before.
    inside = takewhile(lambda s: s.time - began <= window + 0.5, seconds[first:])
    return sum(second.requests for second in inside)


def _tls_caveats(run: AlignedRun) -> tuple[str, ...]:
    info = run.data.info
    if info.verify_tls is not False or not (info.base_url or "").startswith("https:"):
        return ()
    return (
        "TLS certificates were not verified (verify_tls = false): who answered is not certain.",
    )
