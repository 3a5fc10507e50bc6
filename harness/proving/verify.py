"""The same load again, under the advised limit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness.limits.choosing import choose_way
from harness.proving.replay import ROOT, Say, perform, replay_of
from rundir.sizes import parse_size
from scenarios.errors import UsageError

ATTEMPTS = 2
"""A load that something else on the machine has disturbed is sent once more."""


def verify(run: Path, limit: str | None, way: str, say: Say) -> int:
    """0: verified; 1: refuted, or it cannot be told. Raises UsageError."""
    replay = replay_of(run)
    size = size_of(limit) if limit else advised(run)
    chosen = choose_way(way, replay.target_command)
    say(f"running {run} again under {size / 2**20:,.1f} MiB ({chosen.name}: {chosen.counts})")
    words = replay.words(
        run.parent, "--run-under", str(size), "--limit-way", chosen.name,
        "--follows", f"verify:{run.name}",
    )  # fmt: skip
    for attempt in range(1, ATTEMPTS + 1):
        done = perform(words, run.parent, quiet=False)
        if done.directory is None:
            raise UsageError(
                f"the run under the limit did not begin: {done.complaint or 'see above'}"
            )
        judged = prove(run, done.directory.path)
        say(f"{judged['sentence'][0].upper()}{judged['sentence'][1:]}.")
        if judged["word"] != "cannot_tell" or attempt == ATTEMPTS:
            break
        say("once more: what kept it from being told may have been the machine")
    say(f"report  {replay.run.report_html}")
    return 0 if judged["word"] == "verified" else 1


def prove(run: Path, proof: Path) -> dict[str, Any]:
    """Let the reports judge; they write both reports again. Raises UsageError."""
    words = [sys.executable, "-m", "reports", "prove", str(run.resolve()), str(proof.resolve())]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 2 or not done.stdout.strip():
        raise UsageError((done.stderr.strip().splitlines() or ["the proof cannot be judged"])[-1])
    judged: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return judged


def size_of(text: str) -> int:
    """Bytes. Raises UsageError."""
    try:
        return parse_size(text)
    except ValueError as error:
        raise UsageError(f"limit {error}") from None


def advised(run: Path) -> int:
    """The size that its report advises: by evidence, else by the rule. Raises UsageError."""
    try:
        sizing = json.loads((run / "report.json").read_text(encoding="utf-8"))["sizing"]
        evidence = (sizing.get("evidence") or {}).get("bytes")
        size = evidence or sizing.get("recommended_bytes")
    except (OSError, ValueError, KeyError, TypeError):
        size = None
    if not size:
        raise UsageError(f"{run}: its report advises no size; give one: LIMIT=512MiB")
    return int(size)
