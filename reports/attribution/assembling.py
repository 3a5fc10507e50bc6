"""An attribution run -> what the report says of it, and the figures of its endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.aligning import ATTRIBUTION, AlignedRun
from reports.attribution.alone import MOST_FAILURES, alone
from reports.attribution.background import background_of
from reports.attribution.findings import Alone, Attribution
from reports.attribution.levels import Rests, resolution, rests_of
from reports.attribution.parts import Part, parts_of, planned_parts
from reports.attribution.prediction import mix_of, prediction_of
from reports.attribution.remaining import shown_of
from reports.attribution.sentences import caveats_of, sentences_of
from reports.attribution.suspicion import suspicious
from reports.attribution.undisturbed import undisturbed
from reports.findings import EndpointFigures
from reports.stopped import part_caveats
from reports.units import size_text
from reports.verdicts.trace import Trace

MIX = "the mix"

LEAST_ASKED = 3
"""Requests of the one user: of fewer the largest may not have been seen."""


def attribution_of(run: AlignedRun, trace: Trace) -> tuple[Attribution | None, tuple[str, ...]]:
    """The findings, and caveats; nothing for any other plan."""
    if run.data.info.plan_kind != ATTRIBUTION:
        return None, ()
    own, trace = undisturbed(run, trace)
    parts, rests = parts_of(own), rests_of(own, trace)
    background = background_of(rests, parts)
    ended = _ended_in(rests, parts)
    measured = [
        (part, alone(rests, trace, part, background)) for part in parts if part.name not in ended
    ]
    seen = [one for _, one in measured if one is not None]
    lost = tuple(part.name for part, one in measured if one is None)
    completed = {part.name for part in parts}
    unreached = tuple(name for name in planned_parts(run) if name not in completed)
    tiers = tuple(one for one in seen if one.endpoint is None)
    endpoints = tuple(one for one in seen if one.endpoint is not None)
    shown = shown_of(tiers, endpoints)
    told = prediction_of(rests, trace, shown, background)
    found = Attribution(
        tiers,
        endpoints,
        told,
        background.idle.bytes_per_second or None,
        sentences_of(shown, told, (*lost, *ended, *unreached)),
        lost,
        unreached,
        ended,
        tuple(one for one in shown if one.remainder),
    )
    caveats = caveats_of(found, shown, _not_isolated(run, found))
    return found, (*part_caveats(run), *_left_before(rests), *caveats)


def _ended_in(rests: Rests, parts: Sequence[Part]) -> tuple[str, ...]:
    """Parts, and the mix, in which a process ended: the levels around it cannot be compared."""
    ended = [part.name for part in parts if rests.ended_between(part.before, part.rest)]
    mix = mix_of(rests.run)
    if mix is not None and rests.ended_between(mix[0], mix[2]):
        ended.append(MIX)
    return tuple(ended)


def _left_before(rests: Rests) -> tuple[str, ...]:
    """What the parts have left is in the peak of the mix, and so in the sizes."""
    empty = [phase for phase in rests.run.phases_before_load if phase.users == 0]
    if not empty or rests.ended_between(empty[0], empty[-1]):
        return ()
    baseline, last = rests.level(empty[0]), rests.level(empty[-1])
    if baseline is None or last is None:
        return ()
    left = last.bytes - baseline.bytes
    if left <= resolution(baseline):
        return ()
    return (
        f"Before the mix the target held {size_text(left)} more than at the baseline: what the"
        " parts left is in the peak and the sizes; a run without them (make headless-test) does"
        " not have it.",
    )


def suspicious_tiers(found: Attribution, run: AlignedRun) -> tuple[tuple[str, str], ...]:
    """(tier, why), the largest first."""
    level = Rests(run).level(run.phases[0]) if run.phases else None
    return suspicious(found.tiers, level.bytes if level is not None else 0.0)


def _not_isolated(run: AlignedRun, found: Attribution) -> tuple[str, ...]:
    """Endpoints of suspicious tiers that were not seen alone."""
    seen = {one.endpoint for one in found.endpoints}
    tiers = {tier for tier, _ in suspicious_tiers(found, run)}
    # Requests that share method and name are one endpoint.
    names = dict.fromkeys((f"{e.method} {e.name}", e.tier) for e in run.data.info.endpoints)
    told = {*seen, *found.unreached, *found.lost, *found.ended}
    return tuple(
        name
        for name, tier in names
        if tier in tiers and name not in told and sum(t == tier for _, t in names) > 1
    )


def with_attribution(
    endpoints: tuple[EndpointFigures, ...], found: Attribution | None
) -> tuple[EndpointFigures, ...]:
    """Each endpoint with its own figures, or what it is below by what is left of its tier."""
    if found is None:
        return endpoints
    shown = shown_of(found.tiers, found.endpoints)
    return tuple(_with(row, shown) for row in endpoints)


def _with(row: EndpointFigures, shown: Sequence[Alone]) -> EndpointFigures:
    key = f"{row.method} {row.name}"
    own = next((one for one in shown if key in dict(one.of_endpoint)), None)
    if own is None:
        return row
    if own.failing(key) >= MOST_FAILURES:
        return replace(row, attributed_from="tier" if _is_together(own) else "isolated")
    if _is_together(own):
        return _bounded(row, key, own)
    kept, needed = own.retained, own.transient
    return replace(
        row,
        retained_bytes_per_request=kept.value if kept else None,
        retained_ci95=kept.interval if kept else None,
        retained_below_bytes=kept.below if kept else None,
        transient_bytes=needed.value if needed else None,
        transient_ci95=needed.interval if needed else None,
        transient_below_bytes=needed.below if needed else None,
        high_water_growth_bytes=own.high_water_bytes,
        attributed_from="isolated",
    )


def _is_together(own: Alone) -> bool:
    """Others were asked with it, or it is what was left of a tier by taking others out."""
    return own.remainder or len(own.of_endpoint) > 1


def _bounded(row: EndpointFigures, key: str, together: Alone) -> EndpointFigures:
    """All that they retain may be this endpoint's; no request needed more than the largest.

    The latter only where the one user asked it a few times.
    """
    share = dict(together.of_endpoint)[key] / together.requests
    asked = dict(together.single_user).get(key, 0) >= LEAST_ASKED
    return replace(
        row,
        retained_below_bytes=together.retained.upper / share if together.retained else None,
        transient_below_bytes=together.transient.upper if together.transient and asked else None,
        attributed_from="tier",
    )
