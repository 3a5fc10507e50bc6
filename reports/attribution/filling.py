"""The table of endpoints, filled with what an ordinary run says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.aligning import ATTRIBUTION, AlignedRun
from reports.attribution.mixed import mixed_shares
from reports.attribution.shares import EndpointShares, NotSeparated
from reports.attribution.wording import notes_of
from reports.findings import EndpointFigures
from reports.judging import Judgement


@dataclass(frozen=True, slots=True)
class Attributed:
    """Rows of the table; names of those that cannot be told apart; sentences below the table."""

    endpoints: tuple[EndpointFigures, ...]
    not_separated: tuple[NotSeparated, ...] = ()
    notes: tuple[str, ...] = ()


def from_mixed_run(
    run: AlignedRun, judged: Judgement, endpoints: tuple[EndpointFigures, ...]
) -> Attributed:
    """The same rows with what each keeps, where this run was an ordinary one and can tell."""
    if run.data.info.plan_kind == ATTRIBUTION:
        # Phases that ask endpoints alone say it without a regression.
        return Attributed(endpoints)
    seconds = run.data.statistics.per_endpoint
    shares = mixed_shares(judged.trace, seconds, judged.memory, judged.recovery)
    return filled(endpoints, shares, can_isolate=run.data.info.can_isolate)


def filled(
    endpoints: tuple[EndpointFigures, ...], shares: EndpointShares, *, can_isolate: bool = True
) -> Attributed:
    """Rows and shares by method and name."""
    found = {share.key: share for share in shares.endpoints}
    rows = [
        row
        if (share := found.get((row.method, row.name))) is None
        else replace(
            row,
            retained_bytes_per_request=share.bytes_per_request,
            retained_ci95=share.ci95,
            retained_below_bytes=share.below_bytes,
            attributed_from=share.attributed_from,
        )
        for row in endpoints
    ]
    return Attributed(tuple(rows), shares.not_separated, notes_of(shares, can_isolate=can_isolate))
