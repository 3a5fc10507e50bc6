"""Run directory -> Findings: the whole way in one place, one step a line."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from reports.aligning import AlignedRun, align
from reports.attribution.assembling import attribution_of, with_attribution
from reports.attribution.filling import from_mixed_run
from reports.attribution.sentences import headline_of
from reports.blindness import blind_caveats, blind_spans
from reports.catalogue import Catalogue, load_catalogue
from reports.charged_elsewhere import charged_elsewhere
from reports.comparing.figures import figures_of
from reports.connections.figures import connections_measured
from reports.connections.judging import connections_of, of_few_requests
from reports.connections.words import connection_caveats, growing_headline
from reports.ending import Ending, ending_of
from reports.endpoints import endpoint_table
from reports.findings import (
    Findings,
    Fit,
    PhaseFigures,
    Proof,
    Recovery,
    RunFacts,
    Sizing,
    Verdict,
)
from reports.gates.judge import Judged, judge_gates
from reports.gates.rules import GateRules, merged_rules, rules_of
from reports.guards import guard_caveats
from reports.happenings import happening_caveats
from reports.hints.hinting import hints_of
from reports.inside.assembling import inside_measured, inside_of
from reports.inside.split import split_of
from reports.judging import Judgement, judge
from reports.loading import RunData
from reports.measured import measured
from reports.measurement_cost import measurement_cost
from reports.memory_caveats import memory_caveats
from reports.phase_table import phase_table, phases_of_the_load
from reports.pressure import pressure_of
from reports.processes import exit_caveats, process_table
from reports.proving.proofs_file import read_curve, read_proofs
from reports.proving.proven import crawling, headline, proven
from reports.proving.under_limit import under_limit
from reports.sentence import sentence
from reports.settings import Settings
from reports.sizing import Wish, size_all
from reports.sizing.snippets import Deployment
from reports.stopped import stop_story
from reports.targets.caveats import target_caveats
from reports.targets.judging import judged_targets
from reports.targets.unevenness import uneven
from reports.targets.weighing import with_targets, worst_fit
from reports.units import size_text
from reports.verdicts.confidence import Grounds, confidence
from reports.verdicts.fit import over_time


def assemble(
    data: RunData, generated: float, settings: Settings | None = None
) -> tuple[AlignedRun, Findings]:
    """Compute all findings; `generated` is the time of the report (epoch seconds)."""
    settings = settings or Settings()
    run = align(data)
    ending = ending_of(run)
    table = phase_table(run)
    # An endpoint alone, asked as fast as it answers, is no load that a size must hold.
    phases = tuple(phase for phase in table if not phase.isolated)
    told = phases_of_the_load(table)
    processes = process_table(run)
    thresholds = settings.thresholds_of(data.info)
    judged = judge(run, ending, phases, processes, thresholds)
    opened = connections_of(run, judged.trace, judged.memory)
    if opened:
        judged = replace(judged, scaling=opened[1], memory=of_few_requests(judged.memory))
    targets = judged_targets(data, thresholds, settings.wish.restart_seconds)
    judged = replace(judged, memory=with_targets(judged.memory, targets))
    catalogue = load_catalogue()
    sizing = size_all(
        judged,
        phases,
        catalogue,
        wish=settings.wish,
        thresholds=thresholds,
        deployment=_deployment(run, judged.fit),
    )
    back = replace(judged.recovery, split=split_of(data.events, judged.recovery))
    inside, inside_caveats = inside_of(run, back, thresholds)
    attribution, attribution_caveats = attribution_of(run, judged.trace)
    attributed = from_mixed_run(run, judged, endpoint_table(run))
    pressure = pressure_of(run)
    under = under_limit(run, processes, pressure)
    proofs = read_proofs(data.directory.proofs)
    sizing = replace(sizing, verified=proven(proofs, sizing, data.directory.path.name))
    fitting = over_time(
        crawling(judged.fit, under, pressure),
        judged.memory,
        sizing.workers,
        settings.wish.restart_seconds,
    )
    fitting = worst_fit(fitting, targets)
    findings = Findings(
        generated=generated,
        run=_facts(run, ending),
        verdict=_verdict(
            judged,
            fitting,
            ending,
            told,
            sizing=sizing,
            wish=settings.wish,
            proofs=proofs,
            apart=uneven([one.figures for one in targets]),
            guilty=headline_of(attribution),
            users="open connections" if opened else "users",
            growing=growing_headline(opened[0] if opened else None),
        ),
        memory=judged.memory,
        scaling=judged.scaling,
        limit_bytes=fitting.limit_bytes,
        phases=table,
        recovery=back,
        sizing=sizing,
        endpoints=with_attribution(attributed.endpoints, attribution),
        processes=processes,
        cost=measurement_cost(data.events),
        measured=(
            *measured(
                judged.trace,
                told,
                data.statistics.seconds,
                memory=judged.memory,
                recovery=judged.recovery,
                scaling=judged.scaling,
            ),
            charged_elsewhere(run),
            *inside_measured(inside),
            *connections_measured(opened[0] if opened else None),
        ),
        pressure=pressure,
        under_limit=under,
        proofs=proofs,
        limit_curve=read_curve(data.directory.limit_curve),
        inside=inside,
        attribution=attribution,
        targets=tuple(one.figures for one in targets),
        connections=opened[0] if opened else None,
        not_separated=attributed.not_separated,
        endpoint_notes=attributed.notes,
        caveats=(
            *connection_caveats(opened[0] if opened else None),
            *_caveats(run, ending, phases, sizing),
            *_split_caveats(back),
            *inside_caveats,
            *attribution_caveats,
            *exit_caveats(processes),
        ),
    )
    findings = replace(findings, hints=hints_of(findings, run, judged.trace))
    return run, with_gates(findings, merged_rules(rules_of(data.info), settings.gates), catalogue)


def with_gates(findings: Findings, rules: GateRules, catalogue: Catalogue) -> Findings:
    """The same findings, judged by the rules."""
    judged = Judged(
        findings.verdict,
        findings.recovery,
        findings.sizing,
        findings.measured,
        figures_of(findings),
        catalogue,
        rules.folder,
        findings.run.load_stopped,
    )
    return replace(findings, gates=judge_gates(rules, judged))


def _verdict(
    judged: Judgement,
    fitting: Fit,
    ending: Ending,
    phases: tuple[PhaseFigures, ...],
    *,
    sizing: Sizing,
    wish: Wish,
    proofs: tuple[Proof, ...] = (),
    apart: tuple[str, ...] = (),
    guilty: str | None = None,
    users: str = "users",
    growing: str | None = None,
) -> Verdict:
    grounds = Grounds(
        fitting,
        judged.memory,
        phases,
        ending.partial,
        wish.users,
        1,
        sizing.verified,
        sizing.peak_bytes,
    )
    return Verdict(
        fitting.fit,
        judged.memory.verdict,
        " ".join(
            filter(
                None,
                (
                    sentence(
                        fitting, judged.memory, ending, phases, users, is_part=guilty is not None
                    ),
                    growing,
                    f"{apart[0]}." if apart else None,
                    guilty,
                    headline(proofs),
                ),
            )
        ),
        confidence(grounds),
        tuple(dict.fromkeys((*fitting.reasons, *judged.memory.reasons))),
    )


def _deployment(run: AlignedRun, fitting: Fit) -> Deployment:
    info = run.data.info
    command = info.command
    names = [str(name) for name in run.data.processes["name"].dropna().unique()]
    gunicorn = "gunicorn" in (command or "") or any("gunicorn" in name for name in names)
    port = urlsplit(info.base_url).port if info.base_url else None
    if command and port:
        # The run's own free port; platforms say theirs in PORT.
        command = command.replace(str(port), "$PORT")
    return Deployment(info.scenario or "app", command, gunicorn, fitting.limit_source == "limit")


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
        load_stopped=stop_story(run) or None,
    )


def _caveats(
    run: AlignedRun, ending: Ending, phases: tuple[PhaseFigures, ...], sizing: Sizing
) -> tuple[str, ...]:
    return (
        *((f"Partial run: {ending.story}.",) if ending.partial else ()),
        *run.caveats,
        *blind_caveats(run, blind_spans(run)),
        *memory_caveats(run, phases),
        *target_caveats(run),
        *happening_caveats(run),
        *guard_caveats(run),
        *_request_caveats(run),
        *_sizing_caveats(ending, sizing),
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


def _split_caveats(back: Recovery) -> tuple[str, ...]:
    if back.split is None:
        return (
            "What the retained memory is made of was not asked inside the process: split is empty"
            " (INSIDE=1 asks).",
        )
    if back.split.beyond_bytes <= 0:
        return ()
    return (
        f"Asked to give memory back, the target gave {size_text(back.split.beyond_bytes)} more than"
        " the load had left: that was free or garbage before the load, too.",
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
