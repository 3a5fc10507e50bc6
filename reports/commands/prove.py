"""`python -m reports prove RUN PROOF`: what a run under a limit proves of another run's advice."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from reports.errors import UsageError

DESCRIPTION = """\
PROOF ran the load of RUN under a hard memory limit (make verify does both). Judge it, keep the
result in RUN (proofs.json), and write both reports again. Prints the proof as one line of JSON."""


def run(arguments: Sequence[str]) -> int:
    """0: verified; 1: refuted, or it cannot be told. Raises UsageError."""
    parser = argparse.ArgumentParser(
        prog="python -m reports prove",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("proof", type=Path, metavar="PROOF")
    options = parser.parse_args(arguments)
    return _prove(options.run, options.proof)


def _prove(before: Path, after: Path) -> int:
    from reports.assemble import assemble
    from reports.commands.report import write_report
    from reports.loading import load
    from reports.proving.proofs_file import add_proof
    from reports.proving.verification import VERIFIED, verify

    data = load(before)
    proving = load(after)
    now = time.time()
    proof_findings = assemble(proving, now)[1]
    if proof_findings.under_limit is None:
        raise UsageError(f"{after}: this run had no hard limit; make verify RUN={before} makes one")
    proof = verify(assemble(data, now)[1], proof_findings)
    try:
        add_proof(data.directory.proofs, proof)
        add_proof(proving.directory.proofs, proof)
    except OSError as error:
        raise UsageError(f"{before}: cannot be written ({error.strerror})") from None
    # The samples are those of before; the proof is read with the findings.
    for path, loaded in ((before, data), (after, proving)):
        write_report(*assemble(loaded, now), (path,))
    sys.stdout.write(json.dumps(asdict(proof)) + "\n")
    return 0 if proof.word == VERIFIED else 1
