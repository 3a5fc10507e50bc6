"""`python -m benchmarks.services`: survivable minimum, five rules, and who survived each.

For every service: a run without a limit, a search for the smallest limit, and the advised limit
verified by the same load. Writes docs/accuracy.md. About four minutes a service.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.services.catalogue import SERVICES, Service
from benchmarks.services.installing import ROOT

MIB = 2**20
RESOLUTION = "4 MiB"
SCRAPE_SECONDS = 15.0
"""What a usual Prometheus sees: the recommenders that are compared here work on such samples."""

VPA_FLOOR = 250 * MIB
TARGET_RATIO = 1.5
DOC = ROOT / "docs" / "accuracy.md"


@dataclass(frozen=True, slots=True)
class Advice:
    """A rule's size in bytes, and whether the service survived it (None: not known)."""

    rule: str
    size: int
    survived: bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One service: bytes."""

    service: Service
    peak: int
    minimum: int | None
    knee: int | None
    verified: str
    advice: tuple[Advice, ...]


def scenario(service: Service, command: list[str], folder: Path) -> Path:
    """The scenario file of a service."""
    lines = [
        f'name = "{service.name}"',
        "[target]",
        'base_url = "http://127.0.0.1:0"',
        f"command = {json.dumps(command)}",
        f'health = "{service.health}"',
        "[think_time]",
        "min_seconds = 0.05",
        "max_seconds = 0.2",
        "[phases]",
        "baseline_seconds = 5",
        "load_seconds = 50",
        "cooldown_seconds = 10",
        "users = 10",
        "spawn_rate = 5",
    ]
    for tier in ("light", "medium", "heavy"):
        for path in getattr(service, tier):
            lines += ["[[endpoints]]", f"path = {json.dumps(path)}", f'tier = "{tier}"']
    file = folder / f"{service.name}.toml"
    file.write_text("\n".join(lines) + "\n")
    return file


def run_service(service: Service, folder: Path) -> Row | None:
    """All runs of one service; None where it cannot run here."""
    before = sorted((folder / "runs" / service.name).glob("*/limit_curve.json"))
    if before:
        # Made earlier: only the page is written again.
        return _row(service, before[0].parent)
    data = folder / f"{service.name}-data"
    data.mkdir(parents=True)
    command = service.command(data)
    if command is None:
        return None
    runs = folder / "runs" / service.name
    words = ["-m", "locust", "-f", "locustfile.py", "--headless", "--loglevel", "WARNING"]
    words += ["--scenario", str(scenario(service, command, folder)), "--runs-dir", str(runs)]
    _python(words)
    (run,) = [path for path in runs.iterdir() if path.is_dir()]
    _python(["-m", "harness.proving", "find-limit", str(run), "--resolution", RESOLUTION,
             "--runs", "14", "--repeats", "1"])  # fmt: skip
    _python(["-m", "harness.proving", "verify", str(run)])
    return _row(service, run)


def _python(words: list[str]) -> None:
    subprocess.run([sys.executable, *words], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)


def _row(service: Service, run: Path) -> Row:
    report: dict[str, Any] = json.loads((run / "report.json").read_text())
    sizing, curve = report["sizing"], report["limit_curve"] or {}
    peak, seen = int(sizing["peak_bytes"]), scraped_peak(run)
    ours = (sizing["evidence"] or {}).get("bytes") or sizing["recommended_bytes"]
    proofs = report["proofs"]
    sizes = {
        "ours": ours,
        "peak x 2": 2 * peak,
        "VPA": max(VPA_FLOOR, round(1.15 * seen)),
        "KRR": round(1.15 * seen),
    }
    minimum, fails = curve.get("minimum_bytes"), curve.get("fails_bytes") or 0
    advice = []
    for rule, size in sizes.items():
        survived = None if minimum is None else True if size >= minimum else None
        if size <= fails:
            survived = False
        if rule == "ours" and proofs:
            survived = proofs[-1]["word"] == "verified"
        elif survived is None:
            survived = _tried(run, size)
        advice.append(Advice(rule, size, survived))
    word = proofs[-1]["word"] if proofs else "-"
    return Row(service, peak, minimum, curve.get("knee_bytes"), word, tuple(advice))


def _tried(run: Path, size: int) -> bool | None:
    """Between what fails and what is survived only a run can tell."""
    _python(["-m", "harness.proving", "verify", str(run), "--limit", str(size)])
    proofs = json.loads((run / "report.json").read_text())["proofs"]
    last = proofs[-1] if proofs else None
    return None if last is None or last["limit_bytes"] != size else last["word"] == "verified"


def scraped_peak(run: Path) -> int:
    """The highest working set among samples SCRAPE_SECONDS apart."""
    frame = pd.read_csv(run / "memory_samples.csv", usecols=["elapsed", "working_set", "pss"])
    values = frame["working_set"].fillna(frame["pss"])
    step = (frame["elapsed"] // SCRAPE_SECONDS).drop_duplicates().index
    return int(values.loc[step].max())


def text_of(rows: list[Row]) -> str:
    """The page."""
    moment = datetime.now(UTC).strftime("%Y-%m-%d")
    lines = [
        "# Accuracy of the advised size",
        "",
        "Five services that nobody here wrote, each under 10 users for 50 seconds: the smallest",
        f"limit that it survived (bisection by {RESOLUTION}, the edge repeated), and what each",
        "rule would have rented. ✓: the service survived that limit, ✗: it did not, ?: not told.",
        f"Written by `python -m benchmarks.services --runs DIR` on {moment}; it repeats all of it,",
        "in about four minutes a service.",
        "",
        f"| {' | '.join(HEAD)} |",
        f"|{'---|' * len(HEAD)}",
    ]
    for row in rows:
        ours = row.advice[0]
        ratio = f"{ours.size / row.minimum:.2f}" if row.minimum else "?"
        cells = [_cell(one) for one in row.advice]
        lines.append(
            f"| {row.service.name} {row.service.version} ({row.service.what}) | {_mib(row.peak)} |"
            f" {_mib(row.minimum)} | {_mib(row.knee)} | {cells[0]} | {ratio} | {cells[1]} |"
            f" {cells[2]} | {cells[3]} |"
        )
    lines += ["", *(f"- {note}" for note in NOTES), f"- {_promise(rows)}"]
    return "\n".join(lines) + "\n"


HEAD = (
    "service",
    "exact peak",
    "smallest survived",
    "smallest without suffering",
    "ours",
    "ours / smallest",
    "peak x 2",
    "VPA",
    "KRR",
)
NOTES = (
    "**ours**: the size by evidence (exact peak and named terms), verified by a run under it.",
    "**smallest without suffering**: from there on neither p95 nor memory stalls are worse than"
    " without a limit; a runtime that collects garbage lives in less by collecting more often.",
    "**peak x 2**: the known rule, on our exact peak.",
    f"**VPA**: 90th percentile of daily peaks (here one), plus 15 %, at least 250 MiB; **KRR**: the"
    f" maximum plus 15 %; both on the working set as seen every {SCRAPE_SECONDS:.0f} s, which is"
    " what such tools have.",
    "A size at or above a limit that was survived counts as survived, one at or below a limit that"
    " was not as killed; between them it was run.",
    "File pages that another group read first are not charged to the service's own group; a fresh"
    " container is charged for them, but can drop them.",
)


def _cell(advice: Advice) -> str:
    return f"{_mib(advice.size)} {({True: '✓', False: '✗', None: '?'})[advice.survived]}"


def _mib(size: int | None) -> str:
    return "?" if size is None else f"{size / MIB:.0f} MiB"


def _promise(rows: list[Row]) -> str:
    held = [
        row
        for row in rows
        if row.minimum
        and row.advice[0].survived
        and row.advice[0].size <= TARGET_RATIO * row.minimum
    ]
    return (
        f"Target: ours survives in every case with at most {TARGET_RATIO} times the smallest limit;"
        f" it does in {len(held)} of {len(rows)}."
    )


def main() -> int:
    """Run those named, or all; 1 where the target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.services", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument(
        "--runs",
        type=Path,
        required=True,
        help="folder for data and runs; what is there is not run again",
    )
    options = parser.parse_args()
    chosen = [one for one in SERVICES if not options.names or one.name in options.names]
    rows = []
    for service in chosen:
        print(f"== {service.name} {service.version}", file=sys.stderr, flush=True)
        row = run_service(service, options.runs)
        if row is not None:
            rows.append(row)
    text = text_of(rows)
    print(text)
    if len(rows) == len(SERVICES):
        DOC.write_text(text)
    return 0 if rows and f"in {len(rows)} of {len(rows)}" in text else 1


if __name__ == "__main__":
    sys.exit(main())
