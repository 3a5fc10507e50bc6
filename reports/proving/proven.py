"""Whether the advised size has been proven, and how the headline says so."""

from __future__ import annotations

from reports.findings import Fit, Pressure, Proof, Sizing, UnderLimit
from reports.proving.under_limit import pressure_words
from reports.proving.verification import CANNOT_TELL, REFUTED, VERIFIED
from reports.units import size_text

TOLD = 2
"""Reasons in the headline; the section on the proof has all."""


def proven(proofs: tuple[Proof, ...], sizing: Sizing, run: str = "") -> bool | None:
    """True: a run under no more than the advised size held; False: one under as much or more did
    not; None: nobody tried, or it could not be told.

    Where `run` (a directory's name) is itself the proof: whether the limit that it ran under held.
    """
    own = next((proof.word for proof in proofs if proof.run == run), None)
    if own is not None:
        return {VERIFIED: True, REFUTED: False}.get(own)
    advised = sizing.advised_bytes
    if advised is None:
        return None
    words = {
        VERIFIED: any(p.word == VERIFIED and p.limit_bytes <= advised for p in proofs),
        REFUTED: any(p.word == REFUTED and p.limit_bytes >= advised for p in proofs),
    }
    if words[REFUTED]:
        return False
    return True if words[VERIFIED] else None


def headline(proofs: tuple[Proof, ...]) -> str:
    """Of the last proof; empty without one."""
    if not proofs:
        return ""
    last = proofs[-1]
    if last.word == CANNOT_TELL:
        return f"Whether it runs under {size_text(last.limit_bytes)} could not be told."
    told = "; ".join(last.reasons[:TOLD])
    return f"{last.word.capitalize()} under {size_text(last.limit_bytes)}: {told}."


def crawling(found: Fit, under: UnderLimit | None, pressure: Pressure) -> Fit:
    """A target that survives its limit but waits for memory is tight, whatever its peak."""
    if under is None or not under.crawls or found.fit != "fits":
        return found
    reason = f"it survives the limit, but {pressure_words(pressure)}"
    return Fit("tight", (reason, *found.reasons), found.limit_bytes, found.limit_source)
