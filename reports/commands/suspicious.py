"""`python -m reports suspicious RUN`: in mid-run, which tiers deserve phases for each endpoint."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.attribution.findings import Attribution

DESCRIPTION = """\
RUN follows an attribution plan and has seen its tiers alone. Prints {"tiers": [...], "because":
[...]} as JSON: the tiers that retain memory or need much for a moment, the largest first."""


def run(arguments: Sequence[str]) -> int:
    """0. Raises UsageError."""
    parser = argparse.ArgumentParser(
        prog="python -m reports suspicious",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", type=Path, metavar="RUN")
    options = parser.parse_args(arguments)
    sys.stdout.write(json.dumps(_answer(options.run)) + "\n")
    return 0


def _answer(path: Path) -> dict[str, list[str]]:
    from reports.aligning import align
    from reports.attribution.assembling import attribution_of, suspicious_tiers
    from reports.errors import UsageError
    from reports.loading import load
    from reports.processes import process_table
    from reports.tracing import trace_of

    run = align(load(path))
    found, _ = attribution_of(run, trace_of(run, process_table(run), None))
    if found is None:
        raise UsageError(f"{path}: not a run with the attribution plan (PLAN=attribution)")
    missing = (*found.lost, *found.ended)
    if missing or not found.tiers:
        # Samples of other hosts are fetched at the end; nobody can be cleared without them.
        raise UsageError(f"{path}: not measured so far: {', '.join(missing) or 'any tier'}")
    tiers = suspicious_tiers(found, run)
    return {
        "tiers": [tier for tier, _ in tiers],
        "because": [f"tier {tier} is looked at closer: {why}" for tier, why in tiers]
        or [_nobody(found)],
    }


def _nobody(found: Attribution) -> str:
    """Who was not measured is not cleared."""
    unknown = [one.tier for one in found.tiers if one.retained is None or one.transient is None]
    if unknown:
        return (
            f"no tier is looked at closer; of {', '.join(unknown)} too few requests were answered"
            " to say what one keeps or needs (--single, --isolated: more seconds)"
        )
    return "no tier stands out of the noise: none is looked at closer"
