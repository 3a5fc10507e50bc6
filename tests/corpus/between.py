"""How much equal runs differ: `python -m tests.corpus.between RUN_DIR RUN_DIR ...`.

The standard deviation of each figure between the runs, as a share of what it goes with; what
`reports.comparing.between_runs` assumes where runs are not repeated comes from this table.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from reports.assemble import assemble
from reports.comparing.between_runs import OF_GROWTH
from reports.comparing.comparison import COMPARED
from reports.comparing.figures import RunFigures, figures_of
from reports.loading import load


def main(words: list[str]) -> int:
    """Print one line a figure."""
    if len(words) < 3:
        print("give three run directories of one scenario or more", file=sys.stderr)
        return 2
    runs = [figures_of(assemble(load(Path(word)), 0.0)[1]) for word in words]
    growth = _mean(runs, "peak_bytes") - _mean(runs, "idle_bytes")
    for name in COMPARED:
        values = _values(runs, name)
        if len(values) < 3 or not values.any():
            continue
        whole = growth if name == "retained_bytes" else values.mean()
        if name in ("load_bytes", "peak_bytes"):
            whole = values.mean() - _mean(runs, "idle_bytes")
        what = "growth over idle" if name in OF_GROWTH else "itself"
        share = values.std(ddof=1) / whole if whole else float("nan")
        print(f"{name:24s} mean {values.mean():16.1f}  deviation {share:7.2%} of {what}")
    return 0


def _values(runs: list[RunFigures], name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = [figure.value for run in runs if (figure := run.figure(name)) is not None]
    return np.array([value for value in found if value is not None], dtype=float)


def _mean(runs: list[RunFigures], name: str) -> float:
    values = _values(runs, name)
    return float(values.mean()) if len(values) else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
