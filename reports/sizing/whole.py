"""All of the sizing, from what is known of the run."""

from __future__ import annotations

from dataclasses import replace

from reports.catalogue import Catalogue
from reports.findings import PhaseFigures, Sizing
from reports.judging import Judgement
from reports.sizing.evidence import evidence_size, explained
from reports.sizing.providers import provider_choices
from reports.sizing.rule import size
from reports.sizing.snippets import Deployment, snippets
from reports.sizing.wish import Wish
from reports.sizing.workers import worker_advice
from reports.verdicts.thresholds import Thresholds

__all__ = ["Wish", "size_all"]


def size_all(
    judged: Judgement,
    phases: tuple[PhaseFigures, ...],
    catalogue: Catalogue,
    *,
    wish: Wish,
    thresholds: Thresholds,
    deployment: Deployment,
) -> Sizing:
    """The rule, the evidence, the workers, a plan of each provider, and their configuration."""
    known = size(phases, catalogue.plan)
    if known.peak_bytes is None or known.recommended_bytes is None:
        return known
    limit = judged.trace.limit_bytes if deployment.limit_is_set else None
    room = limit or (known.plan.memory_bytes if known.plan else None)
    advice = None
    if deployment.is_gunicorn and room is not None:
        advice = worker_advice(judged.trace, judged.memory, room, thresholds)
    evidence = evidence_size(phases, judged.memory, judged.scaling, wish, thresholds, advice=advice)
    needed = evidence.bytes if evidence.bytes is not None else known.recommended_bytes
    choices = provider_choices(needed, catalogue.plan, catalogue.behaviour)
    return replace(
        known,
        evidence=evidence,
        difference=explained(evidence, known.peak_bytes, known.recommended_bytes),
        workers=advice,
        providers=choices,
        snippets=snippets(deployment, (known.peak_bytes, needed), choices, advice, catalogue.plan),
    )
