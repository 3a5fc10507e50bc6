"""How much the target waited for memory under load: stalls, refaults, faults from disk."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.aligning import AlignedRun
from reports.findings import Pressure


def pressure_of(run: AlignedRun) -> Pressure:
    """Differences of the kernel's counters over the load phases; None where they are not read.

    `some`: share of the load's time in which a task of the group waited for memory (PSI, Linux
    Documentation/accounting/psi.rst), `full`: in which all did.
    """
    seconds = sum(phase.window.seconds for phase in run.load_phases)
    frames = [phase.memory for phase in run.load_phases]
    if seconds <= 0 or not frames:
        return Pressure()
    rates = {
        name: _rate(frames, name, seconds)
        for name in ("pressure_some", "pressure_full", "refaults", "major_faults")
    }
    return Pressure(
        rates["pressure_some"], rates["pressure_full"], rates["refaults"], rates["major_faults"]
    )


def _rate(frames: list[pd.DataFrame], name: str, seconds: float) -> float | None:
    grown = 0.0
    known = False
    for frame in frames:
        values = frame[name].dropna().to_numpy(dtype=float)
        if len(values) > 1:
            known = True
            # A counter that falls belongs to a new group: what it had before is gone.
            grown += float(np.clip(np.diff(values), 0, None).sum())
    return grown / seconds if known else None
