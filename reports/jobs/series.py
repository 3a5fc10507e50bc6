"""The runs of one job as points: number of the run, bytes that the job has added by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from reports.jobs.job_run import JobRun
from reports.units import MIB
from reports.verdicts.growth import LEAST_BINS, LEAST_POINTS, Points
from reports.verdicts.points import BINS, LEAST_LIFE_BINS
from reports.verdicts.trace import Array

MOST_LIVES = 24
"""Processes of which a job is followed: more of them make the fit slow, not sharper."""


@dataclass(frozen=True, slots=True)
class Series:
    """One entry per run. `life`: in which process (each begins at run 1); `number`: of the run in
    it; `added_bytes` by the job up to then.

    `unseen_bytes_per_run`: what the log's decimals may hide in each delta, all in one direction.
    """

    life: Array
    number: Array
    added_bytes: Array
    unseen_bytes_per_run: float = 0.0

    def missing(self) -> int:
        """Runs without which nothing can be fitted, in the same process; 0: none."""
        return max(0, LEAST_POINTS - len(self.number))

    def changes(self) -> Array:
        """Bytes from run to run within each life."""
        parts = [np.diff(self.added_bytes[self.life == one]) for one in np.unique(self.life)]
        return np.concatenate(parts) if parts else np.empty(0)

    def points(self) -> Points:
        """At most about BINS of them: neighbouring runs of one life are put together."""
        lives = [np.flatnonzero(self.life == one) for one in np.unique(self.life)]
        per_life = max(LEAST_LIFE_BINS, BINS // len(lives))
        bins = [part for life in lives for part in np.array_split(life, min(per_life, len(life)))]
        return Points.of(
            np.array([self.number[part].mean() for part in bins]),
            np.array([self.added_bytes[part].mean() for part in bins]),
            group=np.array([int(self.life[part[0]]) for part in bins], dtype=np.int64),
            low=np.array([self.added_bytes[part].min() for part in bins]),
        )


def series_of(runs: Sequence[JobRun], *, only_job: bool) -> Series | None:
    """None where the log has too little to tell this job from others.

    Of several jobs each one's own deltas are added up. Where there is one job only, memory after
    each run is sharper: it holds what the process gives back between two runs.
    """
    lives = [list(of_one) for _, of_one in groupby(sorted(runs, key=_life), key=_life)]
    if only_job:
        return _joined([np.array([run.memory_bytes for run in life]) for life in lives])
    deltas = [[run.own_bytes for run in life if run.own_bytes is not None] for life in lives]
    if not any(deltas):
        return None
    decimals = max(run.decimals for run in runs)
    joined = _joined([np.cumsum(life) for life in deltas if life])
    return replace(joined, unseen_bytes_per_run=0.5 * MIB / 10.0**decimals)


def _life(run: JobRun) -> int:
    return -1 if run.pid is None else run.pid


def _joined(all_lives: list[Array]) -> Series:
    """The longest lives; too short a one has a level, and tells nothing else."""
    longest = sorted(all_lives, key=len, reverse=True)[:MOST_LIVES]
    lives = [life for life in longest if len(life) >= LEAST_BINS] or longest[:1]
    return Series(
        np.concatenate([np.full(len(life), float(index)) for index, life in enumerate(lives)]),
        np.concatenate([np.arange(1.0, len(life) + 1) for life in lives]),
        np.concatenate([np.asarray(life, float) for life in lives]),
    )
