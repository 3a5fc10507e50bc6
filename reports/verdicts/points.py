"""Trace -> Points: the settled load in bins, with what else moves the memory as regressors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

from reports.verdicts.growth import Points
from reports.verdicts.teeth import falls_of, since_last_fall
from reports.verdicts.trace import Array, Life, Stage, Trace

BINS = 72
"""Enough to see a shape bend, few enough that a bin holds several samples of a short run."""

LEAST_BIN_SECONDS = 0.5
LEAST_LIFE_BINS = 8

OUTLIER_WINDOW = 7
OUTLIER_SIGMAS = 8.0
OUTLIER_ROUNDS = 3
LEAST_KEPT = 0.75

LOW_QUANTILE = 0.1
"""The low end of a bin: what stays when a request's own memory is gone."""

BOOTED_FRACTION = 0.75
"""Of what such a process begins with: below it, at its start, it boots."""

MOVED_FRACTION = 0.05
"""Of what a life gains in all."""

SPIKE_SECONDS = 0.5
"""What is gone sooner is a spike."""


def load_points(trace: Trace, *, skip_seconds: float = 0.0) -> Points | None:
    """The whole target under settled load; None without enough samples or requests.

    `skip_seconds` leaves out that much of the settled load's start: the warm-up. Bytes are the
    interquartile means of the bins, so that a short spike moves none. Users are a regressor where
    their number changes between phases; so is the distance to the last collection where memory
    falls in teeth.
    """
    spans = _spans(trace, skip_seconds)
    time, memory, stage = _samples(trace.time, trace.memory, spans)
    if len(time) < LEAST_LIFE_BINS:
        return None
    edges = _edges(spans, BINS)
    bins = _bin_of(time, edges)
    requests = trace.requests_at(time)
    users = np.array([float(trace.load[index].users or 0) for index in stage])
    columns = [users] if np.ptp(users) else []
    teeth = since_last_fall(time, memory, requests, stage)
    if teeth is not None:
        columns.append(teeth)
        # A bin in which memory fell has a median of either side of the fall; and how far into its
        # tooth memory was before the first one, nobody knows.
        useless = np.isnan(teeth)
        useless[falls_of(time, memory)] = True
        bins = np.where(np.isin(bins, bins[useless]), -1, bins)
    binned = _binned(bins, requests, memory, np.column_stack(columns) if columns else None)
    if binned is None or teeth is None:
        return binned
    fallen = np.searchsorted(falls_of(time, memory), np.arange(len(time)), side="right")
    of_bin = [fallen[bins == number][0] for number in binned.position]
    return on_the_teeth(replace(binned, tooth=np.array(of_bin, dtype=np.int64)))


def on_the_teeth(points: Points) -> Points:
    """Without the bins that stand out from teeth on a line; among teeth, neighbours differ."""
    design = np.column_stack([np.ones(len(points.bytes)), points.requests, points.regressors])
    kept = np.ones(len(points.bytes), dtype=bool)
    for _ in range(OUTLIER_ROUNDS):
        coefficients, *_ = np.linalg.lstsq(design[kept], points.bytes[kept], rcond=None)
        distance = np.abs(points.bytes - design @ coefficients)
        kept = distance <= OUTLIER_SIGMAS * 1.4826 * float(np.median(distance[kept]))
    if kept.mean() < LEAST_KEPT:
        return points
    return replace(
        points,
        requests=points.requests[kept],
        bytes=points.bytes[kept],
        low=points.low[kept],
        position=points.position[kept],
        group=points.group[kept],
        regressors=points.regressors[kept],
        tooth=None if points.tooth is None else points.tooth[kept],
    )


def life_points(trace: Trace, lives: tuple[Life, ...], bins_in_all: int = 96) -> Points | None:
    """Several lives of like processes, laid over each other by the requests since each birth.

    Each life has its own level; the shape and the slope are common to all, so that a leak shows
    although each life is short. Requests are those of the whole target: with n workers side by
    side a worker's own share is one n-th, which the caller accounts for.
    """
    per_life = max(LEAST_LIFE_BINS, bins_in_all // max(1, len(lives)))
    parts = [part for life in lives if (part := _life_part(trace, life, per_life)) is not None]
    if not parts:
        return None
    requests, memory, position = (np.concatenate(column) for column in zip(*parts, strict=True))
    group = np.concatenate([np.full(len(part[0]), index) for index, part in enumerate(parts)])
    return Points.of(requests, memory, group=group, position=position)


@dataclass(frozen=True, slots=True)
class Work:
    """One life under settled load, after it has booted: samples, and the stretches they lie in."""

    time: Array
    memory: Array
    spans: list[tuple[float, float]]


def work_of(trace: Trace, life: Life) -> Work:
    """The part of a life in which it serves; without samples where there is none."""
    spans = [
        (max(stage.settled, life.born), min(stage.end, life.died or stage.end))
        for stage in trace.load
    ]
    spans = [(start, end) for start, end in spans if end > start]
    time, memory, _ = _samples(life.time, life.memory, spans)
    if len(time) and life.born > trace.load[0].start:
        begun = _begins_to_serve(memory, BOOTED_FRACTION * _first_level(trace, memory))
        time, memory = time[begun:], memory[begun:]
    if len(time):
        spans = [(max(start, float(time[0])), end) for start, end in spans if end > time[0]]
    return Work(time, memory, spans)


def _first_level(trace: Trace, memory: Array) -> float:
    """What the children that were there before the load began with; else the life's own median."""
    before = [
        float(life.memory[0])
        for life in trace.lives
        if life.role != "root" and len(life.memory) and life.born <= trace.load[0].start
    ]
    return float(np.median(before if before else memory))


def _begins_to_serve(memory: Array, booted_bytes: float) -> int:
    """The first sample of a process born under load at which it has booted and moves.

    Until it has what such a process begins with it boots; while users keep their connections to
    others it stands.
    """
    booted = int(np.argmax(memory >= booted_bytes))
    rest = memory[booted:]
    moved = rest[0] + MOVED_FRACTION * float(rest.max() - rest[0])
    return booted + max(0, int(np.argmax(rest > moved)) - 1)


def _life_part(trace: Trace, life: Life, bins: int) -> tuple[Array, Array, Array] | None:
    """Requests since its birth, bytes, and place in time (in bins of its own) of one life."""
    work = work_of(trace, life)
    time, memory, spans = work.time, work.memory, work.spans
    if len(time) < LEAST_LIFE_BINS:
        return None
    binned = _binned(
        _bin_of(time, _edges(spans, min(bins, len(time)))),
        trace.requests_at(time) - trace.requests_at(time[:1])[0],
        memory,
        None,
    )
    if binned is None:
        return None
    return binned.requests, binned.bytes, binned.position


def _spans(trace: Trace, skip_seconds: float) -> list[tuple[float, float]]:
    """Settled stretches of the load phases, without the first `skip_seconds` of them all."""
    spans = []
    left = skip_seconds
    for stage in trace.load:
        start = min(stage.end, stage.settled + left)
        left -= start - stage.settled
        spans.append((start, stage.end))
    return spans


def _samples(
    time: Array, memory: Array, spans: list[tuple[float, float]]
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Readable samples inside the spans, and the index of each one's span."""
    stage = np.full(len(time), -1)
    for index, (start, end) in enumerate(spans):
        stage[(time >= start) & (time < end)] = index
    kept = (stage >= 0) & ~np.isnan(memory)
    return time[kept], despiked(time[kept], memory[kept]), stage[kept]


def despiked(time: Array, memory: Array) -> Array:
    """A running median over SPIKE_SECONDS, three samples at least: edges stay, short peaks go.

    A request's transient need lies on top of the level whose growth is judged.
    """
    if len(time) < 3:
        return memory
    width = SPIKE_SECONDS / max(float(np.median(np.diff(time))), 1e-3)
    return np.asarray(ndimage.median_filter(memory, 2 * max(1, round(width / 2)) + 1))


def _edges(spans: list[tuple[float, float]], bins: int) -> list[Array]:
    """Bins of equal length within each span, in proportion to its length."""
    seconds = sum(end - start for start, end in spans)
    width = max(LEAST_BIN_SECONDS, seconds / bins)
    return [
        np.linspace(start, end, max(1, round((end - start) / width)) + 1)
        for start, end in spans
        if end > start
    ]


def _bin_of(time: Array, edges: list[Array]) -> NDArray[np.int64]:
    """The number of the bin in which each time lies, over all spans."""
    found = np.full(len(time), -1)
    first = 0
    for span in edges:
        inside = (time >= span[0]) & (time < span[-1])
        found[inside] = first + np.searchsorted(span, time[inside], side="right") - 1
        first += len(span) - 1
    return found


def outlying(levels: Array) -> NDArray[np.bool_]:
    """Bins that stand out from their neighbours (Hampel's identifier, 7 wide): a spike took them.

    An edge, be it a step's or a tooth's, is at most as far from the median as its own side.
    """
    if len(levels) < OUTLIER_WINDOW:
        return np.zeros(len(levels), dtype=bool)
    distance = np.abs(levels - ndimage.median_filter(levels, OUTLIER_WINDOW))
    usual = 1.4826 * float(np.median(distance))
    return np.asarray(distance > OUTLIER_SIGMAS * usual) if usual > 0 else distance < 0


def _binned(
    bins: NDArray[np.int64],
    requests: Array,
    memory: Array,
    regressors: Array | None,
) -> Points | None:
    """Interquartile means per bin; the position in time is the bin's number."""
    numbers = np.unique(bins[bins >= 0])
    if len(numbers) < LEAST_LIFE_BINS:
        return None
    levels = np.array([np.median(memory[bins == number]) for number in numbers])
    numbers = numbers[~outlying(levels)]
    inside = [bins == number for number in numbers]
    columns = None
    if regressors is not None:
        columns = np.array([np.median(regressors[rows], axis=0) for rows in inside])
    return Points.of(
        np.array([np.median(requests[rows]) for rows in inside]),
        np.array([stats.trim_mean(memory[rows], 0.25) for rows in inside]),
        regressors=columns,
        position=numbers.astype(float),
        low=np.array([np.quantile(memory[rows], LOW_QUANTILE) for rows in inside]),
    )


def settled_seconds(stages: tuple[Stage, ...]) -> float:
    """Length of the settled load, seconds."""
    return sum(stage.end - stage.settled for stage in stages)
