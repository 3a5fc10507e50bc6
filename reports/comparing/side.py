"""A side of a comparison: run directories, or a baseline file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.aligning import AlignedRun
from reports.assemble import assemble
from reports.comparing.baseline_file import read_baseline
from reports.comparing.figures import RunFigures, figures_of
from reports.errors import UsageError
from reports.findings import Findings
from reports.loading import load
from reports.settings import Settings


@dataclass(frozen=True, slots=True)
class Side:
    """`newest` and its `findings`: the run whose timeline is drawn; None for a baseline file."""

    label: str
    runs: tuple[RunFigures, ...]
    newest: AlignedRun | None = None
    findings: Findings | None = None


def side_of(paths: Sequence[Path], settings: Settings | None = None) -> Side:
    """Read one side. Raises UsageError for what is neither a run directory nor a baseline."""
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError("a run is given twice on one side: give different runs")
    if len(paths) == 1 and paths[0].is_file():
        runs = read_baseline(paths[0])
        return Side(paths[0].name, runs)
    found = []
    for path in paths:
        if path.is_file():
            raise UsageError(f"{path}: a baseline file stands for a whole side; give it alone")
        found.append(assemble(load(path), 0.0, settings))
    figures = tuple(figures_of(findings) for _, findings in found)
    newest = max(range(len(found)), key=lambda index: figures[index].started or 0.0)
    run, findings = found[newest]
    label = (
        findings.run.directory if len(found) == 1 else f"{len(found)} runs of {figures[0].scenario}"
    )
    return Side(label, figures, run, findings)
