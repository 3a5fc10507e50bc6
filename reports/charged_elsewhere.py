"""File pages of the target that another memory group read first, and pays for."""

from __future__ import annotations

import math

import pandas as pd

from reports.aligning import AlignedRun
from reports.findings import Measured

NAME = "charged_elsewhere_bytes"


def charged_elsewhere_bytes(run: AlignedRun, samples: pd.DataFrame) -> float | None:
    """Median over these samples; None where the group is not what is measured, or PSS unknown.

    Which group that is depends on what the machine did before, so that equal starts of a service
    differ by it: those of the demo by up to 16 MiB.
    """
    if run.measure != "working_set":
        return None
    gap = float((samples["pss"] - samples["working_set"]).median())
    return None if math.isnan(gap) else max(0.0, gap)


def charged_elsewhere(run: AlignedRun) -> Measured:
    """At rest before the load, where nothing else is between the two sums."""
    before = run.phases_before_load
    samples = before[0].memory if before else run.data.memory
    return Measured(NAME, "B", charged_elsewhere_bytes(run, samples))
