"""Does one job leak: the verdict of a run of the suite, on runs of a job in place of requests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reports.jobs.drift import mean_interval
from reports.jobs.findings import CACHE_FILL, CANNOT_TELL, LEAK, STABLE, JobVerdict
from reports.jobs.series import Series
from reports.units import count_text, percent, size_text, small_size_text
from reports.verdicts.growth import Growth
from reports.verdicts.leak import CLEAR_PROBABILITY, KEPT_FRACTION, is_leak, least_growth
from reports.verdicts.memory import (
    CACHE_BYTES,
    CACHE_FRACTION,
    SATURATING_PROBABILITY,
    TOLERANCE_FRACTION,
    WARM_UP_FRACTION,
)
from reports.verdicts.views import sharpest_growth

CONFIDENCE = 0.95
MORE_DECIMALS = "lines whose delta_mb has three decimals"


def job_verdict(
    series: Series, level_bytes: float, *, looked_at: int, kept_bytes: float
) -> JobVerdict:
    """Judge one job.

    `level_bytes`: usual memory of the process; `looked_at`: how many jobs are judged, each a
    chance to be fooled; `kept_bytes`: by how much the process grew over the job's runs.
    """
    if series.missing():
        return _too_few(series)
    if _falls(series):
        return _rounded_away(series, level_bytes) or _fallen(series)
    fitted = sharpest_growth(series.points())
    if fitted is None:
        return _too_few(series)
    found = _with_walk(_with_unseen(fitted, series), series)
    return replace(
        _leak(found, series, level_bytes, looked_at, kept_bytes)
        or _cache(found, level_bytes)
        or _rounded_away(series, level_bytes)
        or _undecided(found, series, level_bytes)
        or _stable(found, series),
        growth_bytes_per_run=found.bytes_per_request,
        growth_ci95=found.interval,
        upper_bytes_per_run=found.upper_bytes_per_request,
    )


def _falls(series: Series) -> bool:
    """Growth is fitted upwards only: what falls on a line has none, and figures no interval."""
    drift = mean_interval(series.changes(), CONFIDENCE)
    return drift is not None and drift[1] <= 0


def _fallen(series: Series) -> JobVerdict:
    reason = f"memory fell, or stood, over {count_text(len(series.number))} runs"
    return JobVerdict(STABLE, reason, upper_bytes_per_run=series.unseen_bytes_per_run)


def _rounded_away(series: Series, level: float) -> JobVerdict | None:
    """So few decimals that more than is tolerated may be hidden behind them."""
    unseen = series.unseen_bytes_per_run
    if unseen * len(series.number) <= TOLERANCE_FRACTION * level:
        return None
    rate = small_size_text(unseen)
    reason = f"figures are rounded in the log: growth below {rate} with each run cannot be seen"
    return JobVerdict(CANNOT_TELL, reason, MORE_DECIMALS)


def _too_few(series: Series) -> JobVerdict:
    runs, more = len(series.number), max(1, series.missing())
    reason = f"{runs} run{'s' if runs > 1 else ''} in one process: too few"
    return JobVerdict(CANNOT_TELL, reason, f"{more} more run{'s' if more > 1 else ''}")


def _with_unseen(found: Growth, series: Series) -> Growth:
    """What the log's decimals leave out may be growth."""
    unseen = series.unseen_bytes_per_run
    return replace(
        found,
        upper_bytes_per_request=found.upper_bytes_per_request + unseen,
        resolution_bytes=max(found.resolution_bytes, unseen * found.requests),
    )


def _with_walk(found: Growth, series: Series) -> Growth:
    """The interval of the fit and that of the mean change, together.

    Where deltas add up to a walk the fit's own covers the truth in two of three cases only, that of
    the changes in 95 %; where levels come back it is the other that is sharp, and this one is safe.
    """
    drift = mean_interval(series.changes(), CONFIDENCE)
    if drift is None:
        return found
    low, high = found.interval
    return replace(found, interval=(max(0.0, min(low, drift[0])), max(high, drift[1])))


def _leak(
    found: Growth, series: Series, level: float, looked_at: int, kept: float
) -> JobVerdict | None:
    if not is_leak(found, level, looked_at):
        return None
    low, high = (small_size_text(value) for value in found.interval)
    rate = small_size_text(found.bytes_per_request)
    drift = mean_interval(series.changes(), 1 - (1 - CONFIDENCE) / looked_at)
    if drift is None or drift[0] <= 0:
        reason = f"memory rose by {rate} with each run, no more steadily than chance does it"
        return JobVerdict(CANNOT_TELL, reason, _more_runs(found, series))
    # What leaked stays (the same share as after a load).
    grown = found.interval[0] * len(series.number)
    if kept < KEPT_FRACTION * grown:
        reason = (
            f"its runs add up to {size_text(grown)} or more, but the process grew by"
            f" {size_text(max(kept, 0.0))} only: others give back what this job takes"
        )
        return JobVerdict(CANNOT_TELL, reason, "a log of this job alone in its process")
    reason = (
        f"memory grows by {rate} with each run (95 % interval {low} to {high})"
        f" over {count_text(len(series.number))} runs"
    )
    return JobVerdict(LEAK, reason, certainty=found.probability)


def _cache(found: Growth, level: float) -> JobVerdict | None:
    """Growth that ends; ended early, it is a warm-up, and the job is judged by what follows."""
    if found.saturating_probability < SATURATING_PROBABILITY:
        return None
    if found.saturating_bytes < max(CACHE_BYTES, CACHE_FRACTION * level):
        return None
    if found.plateau_requests <= WARM_UP_FRACTION * found.requests:
        return None
    when = "was reached" if found.plateau_requests <= found.requests else "is expected"
    reason = (
        f"memory grew by {size_text(found.saturating_bytes)} and levels off: its plateau {when}"
        f" after {count_text(round(found.plateau_requests) + 1)} runs"
    )
    return JobVerdict(CACHE_FILL, reason, certainty=found.saturating_probability)


def _undecided(found: Growth, series: Series, level: float) -> JobVerdict | None:
    """Growth is neither shown nor excluded."""
    least = least_growth(found, level)
    tolerated = max(TOLERANCE_FRACTION * level, least)
    likely = found.probability > CLEAR_PROBABILITY and (
        found.bytes_per_request * found.requests >= least
    )
    if not likely and found.upper_bytes_per_request * found.requests <= tolerated:
        return None
    reason = (
        f"growth of up to {small_size_text(found.upper_bytes_per_request)} with each run can be"
        f" neither shown nor excluded (probability {percent(found.probability)})"
    )
    return JobVerdict(CANNOT_TELL, reason, _more_runs(found, series))


def _more_runs(found: Growth, series: Series) -> str:
    """Until the interval is half as wide as the growth: as `verdicts.memory.needed_seconds`."""
    low, high = found.interval
    factor = ((high - low) / max(found.bytes_per_request, 1e-9)) ** (2 / 3)
    more = (min(20.0, max(1.5, factor)) - 1) * len(series.number)
    return f"about {count_text(np.ceil(more))} more runs"


def _stable(found: Growth, series: Series) -> JobVerdict:
    bound = small_size_text(found.upper_bytes_per_request)
    reason = (
        f"no growth that goes on: at most {bound} with each run"
        f" over {count_text(len(series.number))} runs (97.5 % sure)"
    )
    return JobVerdict(STABLE, reason, certainty=1 - found.probability)
