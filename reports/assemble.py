"""Run directory -> Findings: the whole way in one place, one step a line."""

from __future__ import annotations

from reports.aligning import AlignedRun, align
from reports.blindness import blind_caveats, blind_spans
from reports.catalogue import load_catalogue
from reports.ending import Ending, ending_of
from reports.endpoints import endpoint_table
from reports.findings import Findings, Fit, PhaseFigures, RunFacts, Sizing, Verdict
from reports.happenings import happening_caveats
from reports.loading import RunData
from reports.measurement_cost import measurement_cost
from reports.memory_caveats import memory_caveats
from reports.phase_table import phase_table
from reports.processes import exit_caveats, process_table
from reports.sentence import sentence
from reports.sizing import size
from reports.verdicts.fit import fit
from reports.verdicts.memory import memory_verdict
from reports.verdicts.recovery import recovery


def assemble(data: RunData, generated: float) -> tuple[AlignedRun, Findings]:
    """Compute all findings; `generated` is the time of the report (epoch seconds)."""
    run = align(data)
    ending = ending_of(run)
    phases = phase_table(run)
    fitting = fit(run, ending, phases)
    processes = process_table(run)
    sizing = size(phases, load_catalogue().plan)
    return run, Findings(
        generated=generated,
        run=_facts(run, ending),
        verdict=_verdict(fitting, ending, phases),
        limit_bytes=fitting.limit_bytes,
        phases=phases,
        recovery=recovery(run),
        sizing=sizing,
        endpoints=endpoint_table(run),
        processes=processes,
        cost=measurement_cost(data.events),
        caveats=(*_caveats(run, ending, phases, sizing), *exit_caveats(processes)),
    )


def _verdict(fitting: Fit, ending: Ending, phases: tuple[PhaseFigures, ...]) -> Verdict:
    memory, reason = memory_verdict()
    measures = {phase.memory.measure for phase in phases}
    doubtful = fitting.fit == "cannot_tell" or ending.partial or measures <= {"rss", None}
    return Verdict(
        fitting.fit,
        memory,
        sentence(fitting, ending, phases),
        "low" if doubtful else "medium",
        (*fitting.reasons, reason),
    )


def _facts(run: AlignedRun, ending: Ending) -> RunFacts:
    info = run.data.info
    names = (
        ("Plimsoll", info.plimsoll_version),
        ("Locust", info.locust_version),
        ("Python", info.python_version),
        ("kernel", info.kernel),
    )
    end = run.phases[-1].window.end if run.phases else None
    return RunFacts(
        directory=run.data.directory.path.name,
        scenario=info.scenario,
        started=info.started if info.started is not None else (run.origin or None),
        seconds=None if end is None else round(end - run.origin, 3),
        mode=info.mode,
        target=info.command or info.base_url,
        host=info.hostname,
        versions=tuple(f"{name} {version}" for name, version in names if version),
        sources=info.sources,
        interval_seconds=run.interval_seconds,
        end_reason=ending.reason,
        partial=ending.partial,
    )


def _caveats(
    run: AlignedRun, ending: Ending, phases: tuple[PhaseFigures, ...], sizing: Sizing
) -> tuple[str, ...]:
    return (
        *((f"Partial run: {ending.story}.",) if ending.partial else ()),
        *run.caveats,
        *blind_caveats(run, blind_spans(run)),
        *memory_caveats(run, phases),
        *happening_caveats(run),
        *_request_caveats(run),
        *_sizing_caveats(ending, sizing),
        "Leak, scaling, split of what is retained, workers and max_requests are not computed by"
        " this version; they are null.",
        "One run: figures of another run may differ.",
    )


def _request_caveats(run: AlignedRun) -> tuple[str, ...]:
    statistics = run.data.statistics
    if statistics.source is None:
        return ()
    caveats = [*_late_counts(run)]
    if not any(entry.response_times for entry in statistics.entries):
        return tuple(caveats)
    caveats += [
        "Percentiles come from Locust's histograms: nearest rank; response times above 100 ms are"
        " rounded to two significant digits."
    ]
    if any(phase.entries is None for phase in run.phases):
        caveats.append(
            "Some phases have no exact counts: their requests are cut from per-second counts, and"
            " their percentiles are unknown."
        )
    return tuple(caveats)


def _late_counts(run: AlignedRun) -> tuple[str, ...]:
    """A killed Locust last wrote its counts some seconds before the end."""
    seconds, last = run.data.statistics.seconds, run.phases[-1].window if run.phases else None
    if last is None or last.ended or not seconds or last.end - seconds[-1].time < 1.5:
        return ()
    return (
        f"Requests are counted up to {seconds[-1].time - run.origin:.1f} s; later ones, up to"
        f" {last.end - run.origin:.1f} s, are unknown.",
    )


def _sizing_caveats(ending: Ending, sizing: Sizing) -> tuple[str, ...]:
    if sizing.peak_bytes is None:
        return ("No sizing: no memory was measured under load.",)
    caveats = []
    if ending.partial:
        caveats.append("The run is partial: the peak is a lower bound, and so is the sizing.")
    if sizing.plan is None:
        caveats.append("No plan of the catalogue holds the recommended size.")
    return tuple(caveats)
