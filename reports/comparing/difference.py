"""The difference of one figure between two sides, with its interval, and what it means."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from reports.charged_elsewhere import NAME as CHARGED_ELSEWHERE
from reports.comparing.between_runs import DEGREES_OF_FREEDOM, assumed_deviation
from reports.comparing.figures import RunFigures
from reports.findings import Interval, Measured

BETTER, WORSE, SAME, UNKNOWN = "better", "worse", "no difference shown", "cannot tell"
NOT_JUDGED = "not judged"

FAMILY_LEVEL = 0.10
"""Chance that two equal sides are called different in any figure: nine of ten times they are not.
Shared by all figures of a comparison (Bonferroni)."""

ENOUGH_RUNS = 3
"""With so many on each side their own spread is used; with fewer the assumed one, or the runs' own
where that is larger."""

MIB = 2**20
SMALLEST = {
    "idle_bytes": 1.0 * MIB, "load_bytes": 1.0 * MIB, "peak_bytes": 1.0 * MIB,
    "retained_bytes": 1.0 * MIB, "bytes_per_user": 1024.0, "leak_bytes_per_request": 10.0,
    "p50_ms": 1.0, "p95_ms": 1.0, "failure_rate": 0.001, "requests_per_second": 0.1,
}  # fmt: skip
"""A difference below this is real at best, and nobody's concern."""

HIGHER_IS_BETTER = ("requests_per_second",)
ON_LOG_SCALE = ("p50_ms", "p95_ms", "requests_per_second")
BY_INTERVALS = ("leak_bytes_per_request", "failure_rate")
"""Figures that may be 0, whose own intervals are lopsided."""

CHARGED = ("idle_bytes", "load_bytes", "peak_bytes")
"""Levels of memory, in which file pages are or are not."""

ROUNDING = 1 / math.sqrt(12)
"""Standard deviation of rounding to one whole unit: Locust keeps whole milliseconds."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`new` less `base` in `unit`, with its 95 % interval; `word` is one of those above.

    `relative`: of the base, None where that is 0.
    """

    name: str
    unit: str
    base: float | None
    new: float | None
    difference: float | None
    ci95: Interval | None
    word: str

    @property
    def relative(self) -> float | None:
        if self.difference is None or not self.base:
            return None
        return self.difference / self.base


def difference(
    name: str, base: Sequence[RunFigures], new: Sequence[RunFigures], *, figures: int = 1
) -> Difference:
    """Compare one figure of two sides; `figures` are compared together (for FAMILY_LEVEL)."""
    sides = [_known(name, base), _known(name, new)]
    found = [figure for side in sides for figure in side]
    unit = found[0].unit if found else ""
    if not all(sides):
        values = [_mean(side) for side in sides]
        return Difference(name, unit, values[0], values[1], None, None, UNKNOWN)
    before, after = _mean(sides[0]) or 0.0, _mean(sides[1]) or 0.0
    of_level: Callable[[float], Interval] = (
        _by_intervals(sides) if name in BY_INTERVALS else _by_spread(name, sides, (base, new))
    )
    shift = charged_shift(base, new) if name in CHARGED else 0.0
    word = _word(name, after - before, _up_to(of_level(1 - FAMILY_LEVEL / figures), shift))
    ci95 = _up_to(of_level(0.95), shift)
    return Difference(name, unit, before, after, after - before, ci95, word)


def charged_shift(base: Sequence[RunFigures], new: Sequence[RunFigures]) -> float:
    """By how much more file pages `new` had that another memory group paid for, bytes.

    0 where a side does not know. With those pages added, the sides differ by so much less or more.
    """
    means = [_mean(_known(CHARGED_ELSEWHERE, side)) for side in (base, new)]
    return 0.0 if means[0] is None or means[1] is None else means[1] - means[0]


def _up_to(interval: Interval, shift: float) -> Interval:
    return min(interval[0], interval[0] + shift), max(interval[1], interval[1] + shift)


def _known(name: str, runs: Sequence[RunFigures]) -> list[Measured]:
    return [figure for run in runs if (figure := run.figure(name)) is not None]


def _mean(side: Sequence[Measured]) -> float | None:
    return float(np.mean([_value(figure) for figure in side])) if side else None


def _value(figure: Measured) -> float:
    return figure.value or 0.0


class _Spread:
    """A centre and a standard error; its interval at any level, on a plain or a log scale."""

    def __init__(self, centre: float, error: float, freedom: int, base: float | None) -> None:
        self._centre, self._error, self._freedom, self._base = centre, error, freedom, base

    def __call__(self, level: float) -> Interval:
        half = float(stats.t.ppf((1 + level) / 2, self._freedom)) * self._error
        low, high = self._centre - half, self._centre + half
        if self._base is None:
            return low, high
        return self._base * math.expm1(low), self._base * math.expm1(high)


def _by_spread(
    name: str, sides: Sequence[Sequence[Measured]], runs: Sequence[Sequence[RunFigures]]
) -> _Spread:
    """Student's interval of the difference of means (Welch's standard error)."""
    on_log = name in ON_LOG_SCALE and all(_value(f) > 0 for side in sides for f in side)
    centres, errors = [], []
    for side, of_side in zip(sides, runs, strict=True):
        values = np.array([_value(figure) for figure in side])
        deviation = _deviation(name, side, of_side)
        if on_log:
            deviation, values = deviation / float(values.mean()), np.log(values)
        own = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        enough = min(map(len, sides)) >= ENOUGH_RUNS
        used = max(own, _rounding(name, side)) if enough else max(own, deviation)
        centres.append(float(values.mean()))
        errors.append(used / len(values) ** 0.5)
    enough = min(map(len, sides)) >= ENOUGH_RUNS
    freedom = sum(map(len, sides)) - 2 if enough else DEGREES_OF_FREEDOM
    centre, error = centres[1] - centres[0], math.hypot(*errors)
    if not on_log:
        return _Spread(centre, error, freedom, None)
    return _Spread(centre, error, freedom, _mean(sides[0]))


def _deviation(name: str, side: Sequence[Measured], runs: Sequence[RunFigures]) -> float:
    """Between equal runs, in the figure's unit: as assumed, or the noise within where larger."""
    assumed = float(np.mean([assumed_deviation(name, run) for run in runs]))
    halves = [(f.ci95[1] - f.ci95[0]) / 2 for f in side if f.ci95 is not None]
    # A peak's interval is what is not known of it, no sampling error.
    within = 0.0 if name == "peak_bytes" or not halves else float(np.mean(halves)) / 1.96
    rounded = _rounding(name, side) * (_mean(side) or 0.0)
    return math.hypot(max(assumed, within), rounded)


def _rounding(name: str, side: Sequence[Measured]) -> float:
    """Of the value, for times in whole milliseconds."""
    value = _mean(side) or 0.0
    return ROUNDING / value if name in ("p50_ms", "p95_ms") and value > 0 else 0.0


class _Intervals:
    """MOVER: the interval of a difference from those of its terms (Newcombe 1998, method 10;
    Zou and Donner 2008). Other levels than 95 % widen each side in proportion.
    """

    def __init__(self, base: tuple[float, Interval], new: tuple[float, Interval]) -> None:
        self._base, self._new = base, new

    def __call__(self, level: float) -> Interval:
        wider = float(stats.norm.ppf((1 + level) / 2) / stats.norm.ppf(0.975))
        (before, (low0, high0)), (after, (low1, high1)) = self._base, self._new
        centre = after - before
        down = wider * math.hypot(after - low1, high0 - before)
        up = wider * math.hypot(high1 - after, before - low0)
        return centre - down, centre + up


def _by_intervals(sides: Sequence[Sequence[Measured]]) -> _Intervals:
    terms = []
    for side in sides:
        value, count = float(np.mean([_value(figure) for figure in side])), len(side)
        ends = [figure.ci95 or (_value(figure), _value(figure)) for figure in side]
        low = math.hypot(*(_value(f) - e[0] for f, e in zip(side, ends, strict=True))) / count
        high = math.hypot(*(e[1] - _value(f) for f, e in zip(side, ends, strict=True))) / count
        values = [_value(figure) for figure in side]
        own = 1.96 * float(np.std(values, ddof=1)) / count**0.5 if count > 1 else 0.0
        terms.append((value, (value - max(low, own), value + max(high, own))))
    return _Intervals(terms[0], terms[1])


def _word(name: str, centre: float, interval: Interval) -> str:
    if interval[0] <= 0 <= interval[1] or abs(centre) < SMALLEST.get(name, 0.0):
        return SAME
    return BETTER if (centre > 0) == (name in HIGHER_IS_BETTER) else WORSE
