"""proofs.json: what later runs have proven of this run's advice. It is an input of the report."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reports.findings import LimitCurve, Proof
from rundir.layout import write_whole

_PROOFS = TypeAdapter(tuple[Proof, ...])
_CURVE = TypeAdapter(LimitCurve)


def read_proofs(path: Path) -> tuple[Proof, ...]:
    """Those that can be read; a file that is missing or torn proves nothing."""
    try:
        return _PROOFS.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return ()


def add_proof(path: Path, proof: Proof) -> tuple[Proof, ...]:
    """Append it; a proof by the same run is replaced. Raises OSError."""
    kept = [one for one in read_proofs(path) if one.run != proof.run]
    proofs = (*kept, proof)
    write_whole(path, json.dumps([asdict(one) for one in proofs], indent=1) + "\n")
    return proofs


def read_curve(path: Path) -> LimitCurve | None:
    """What find-limit found; None where it was not run."""
    try:
        return _CURVE.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None
