"""What to mind where sidecars measured on other hosts, or several of them."""

from __future__ import annotations

from reports.aligning import AlignedRun
from reports.units import pause_text


def target_caveats(run: AlignedRun) -> tuple[str, ...]:
    """Of the sum, of clocks, and of what was not brought in."""
    return (*_sum(run), *_clocks(run), *_not_brought_in(run))


def _sum(run: AlignedRun) -> tuple[str, ...]:
    count = len(run.data.targets)
    if not count:
        return ()
    carried = 2 * (run.interval_seconds or 0.1)
    return (
        f"Memory is the sum over {count} targets on the run's clock: each counts with its last"
        f" sample, for {carried:g} s at most. Peaks of the sum are upper ends: the targets' exact"
        " peaks added up, which need not have come at the same moment.",
        "Sizes and plans are for all targets together: each needs its own share, which the others"
        " cannot lend it.",
        "Which target served a request is not known: growth with each request counts all requests"
        " to the service.",
    )


def _clocks(run: AlignedRun) -> tuple[str, ...]:
    """Told where the uncertainty is above half an interval: then ticks may be in a wrong phase."""
    worst: dict[str, float] = {}
    for event in run.data.events:
        uncertainty = event.fields.get("uncertainty_seconds")
        if event.name == "clock_offset" and isinstance(uncertainty, int | float):
            name = str(event.fields.get("sidecar"))
            worst[name] = min(worst.get(name, float("inf")), float(uncertainty))
    half = (run.interval_seconds or 0.1) / 2
    return tuple(
        f"The clock of {name} is known to {pause_text(uncertainty)} only: at the edges of"
        " phases samples may be counted in the wrong one."
        for name, uncertainty in worst.items()
        if uncertainty > half
    )


def _not_brought_in(run: AlignedRun) -> tuple[str, ...]:
    directory = run.data.directory
    told = any(event.name == "pull_incomplete" for event in run.data.events)
    if told or not directory.has_pulled:
        return ()
    return (
        "Samples of remote sidecars were not brought in: the run was killed. To read them: python"
        f" -m harness.pulling --end-run {directory.path.name}",
    )
