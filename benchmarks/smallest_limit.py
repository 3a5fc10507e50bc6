"""find-limit on services of known need: three needs, the truth beside what was found."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.length import Length
from benchmarks.results import Outcome, Promise
from tests.proving.scenario import spiky_scenario

ROOT = Path(__file__).resolve().parent.parent
MIB = 2**20
STEP_MIB = 8
NEEDS = ((20, 24), (30, 48), (45, 80))
"""MiB that stay, and MiB more for a moment."""


def measure(base: int, spike: int) -> tuple[float, float, int]:
    """Idle memory + spike (MiB), the limit that was found (MiB), and how many runs it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = ["-m", "locust", "-f", "locustfile.py", "--headless", "--loglevel", "WARNING"]
        words += ["--scenario", str(spiky_scenario(folder, base, spike))]
        _run([*words, "--runs-dir", str(folder / "runs")])
        (run,) = (folder / "runs").iterdir()
        _run(["-m", "harness.proving", "find-limit", str(run), "--resolution", f"{STEP_MIB}MiB"])
        report = json.loads((run / "report.json").read_text())
    need = report["measured"]["idle_bytes"]["value"] / MIB + spike
    curve = report["limit_curve"]
    return need, (curve["minimum_bytes"] or 0) / MIB, len(curve["steps"])


def _run(words: list[str]) -> None:
    subprocess.run([sys.executable, *words], cwd=ROOT, check=False, capture_output=True)


def run(length: Length) -> Outcome:
    """Each need in turn."""
    needs = NEEDS[: length.needs]
    found = [measure(base, spike) for base, spike in needs]
    held = [need <= limit <= need + 1 + STEP_MIB for need, limit, _ in found]
    return Outcome(
        title=f"The smallest limit by bisection ({STEP_MIB} MiB), services of known need",
        columns=("kept + spike, MiB", "idle + spike, MiB", "smallest survived, MiB", "runs"),
        rows=tuple(
            (f"{base} + {spike}", f"{need:.1f}", f"{limit:.0f}", str(runs))
            for (base, spike), (need, limit, runs) in zip(needs, found, strict=True)
        ),
        promises=(
            Promise(
                f"within one step of the need (and 1 MiB of page tables): {sum(held)} of"
                f" {len(held)}",
                all(held),
            ),
        ),
    )
