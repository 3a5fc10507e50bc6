"""All that was asked inside the processes -> Inside."""

from __future__ import annotations

from reports.aligning import AlignedRun
from reports.findings import Measured, Recovery
from reports.inside.components import read_components
from reports.inside.findings import Inside
from reports.inside.heaps import heap_comparisons
from reports.inside.looks import FIRST, LAST, looks_of
from reports.inside.phases import inside_phases
from reports.inside.ratings import load_gc_share, ratings
from reports.inside.type_growth import explained, heap_growth, largest, type_growth
from reports.verdicts.thresholds import Thresholds


def inside_of(
    run: AlignedRun, recovery: Recovery, thresholds: Thresholds
) -> tuple[Inside | None, tuple[str, ...]]:
    """None where nobody was asked; and caveats."""
    attached = [e.fields for e in run.data.events if e.name == "inside_attached"]
    components = read_components(run.data.directory.components)
    if not attached and components is None:
        return None, _refusals(run)
    before, after = (looks_of(run.data.events, moment) for moment in (FIRST, LAST))
    phases = inside_phases(run)
    growth = heap_growth(before, after)
    heaps, caveats = heap_comparisons(run)
    found = Inside(
        tuple(sorted({str(one.get("source")) for one in attached})),
        len({one.get("pid") for one in attached}),
        phases,
        type_growth(before, after),
        largest(after),
        explained(before, after),
        growth,
        load_gc_share(run, phases),
        ratings(run, phases, recovery, growth, thresholds),
        components,
        heaps,
    )
    return found, (*_refusals(run), *caveats, *_snapshot_caveats(run))


def inside_measured(found: Inside | None) -> tuple[Measured, ...]:
    """The figures that gates and comparisons look at."""
    growth = found.heap_growth_bytes if found else None
    share = found.gc_share if found else None
    return (Measured("heap_growth_bytes", "B", growth), Measured("gc_time", "1", share))


def _refusals(run: AlignedRun) -> tuple[str, ...]:
    refused = [e.fields for e in run.data.events if e.name == "inside_refused"]
    told = dict.fromkeys(str(one.get("reason") or "unknown") for one in refused)
    return tuple(f"Not asked inside: {reason}." for reason in told)


def _snapshot_caveats(run: AlignedRun) -> tuple[str, ...]:
    if not any(event.name == "heap_snapshot" for event in run.data.events):
        return ()
    return (
        "Heap snapshots were taken between the phases: each leaves the process larger for a while"
        " (V8 writes it in the process's own memory), so what this run says of growth, peak and"
        " size is too high; take those from a run without snapshots.",
    )
