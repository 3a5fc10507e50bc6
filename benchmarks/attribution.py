"""Which endpoint costs it: runs of the demo whose two faults are known, with several seeds."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.length import Length
from benchmarks.results import Outcome, Promise
from reports.units import MIB, percent, size_text, small_size_text

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios" / "demo-attribution.toml"

LEAKS, LEAKED_BYTES = "/api/v1/analysis", 20 * 1024
BORROWS, BORROWED_BYTES = "/api/ask", 30 * MIB
WITHIN = 0.15
ADDS_UP_WITHIN = 0.20
COLUMNS = (
    "seed",
    f"{LEAKS} keeps (truth 20 KiB)",
    f"{BORROWS} needs (truth 30 MiB)",
    "all others keep at most",
    "all others need at most",
    "predicted for the mix",
    "kept by the mix",
    "apart",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What one run said: bytes, None where it could not tell; `named`: others blamed to keep."""

    seed: int
    leak: float | None
    borrowed: float | None
    others_keep: float | None
    others_need: float | None
    named: tuple[str, ...]
    predicted: float | None
    kept: float | None
    apart: float | None

    @property
    def row(self) -> tuple[str, ...]:
        """For the table."""
        return (
            str(self.seed),
            small_size_text(self.leak),
            size_text(self.borrowed),
            small_size_text(self.others_keep),
            size_text(self.others_need),
            size_text(self.predicted),
            size_text(self.kept),
            percent(self.apart),
        )


def run(length: Length) -> Outcome:
    """Five and a half minutes a seed, the lengths that a user gets; the quick look takes one."""
    told = [_told(seed) for seed in range(1, length.seeds + 1)]
    return Outcome(
        "Which endpoint costs it: a leak and a transient of known size, told by isolation",
        COLUMNS,
        tuple(one.row for one in told),
        _promises(told),
        (
            f"Both sides are the demo's own switches (`{SCENARIO.relative_to(ROOT)}`): exact to a"
            " page. What others need is real: arrays of two of the heavy endpoints.",
        ),
    )


def _promises(told: list[Told]) -> tuple[Promise, ...]:
    return (
        Promise(
            "the leaking endpoint is told within 15 % of its 20 KiB, with each seed",
            all(
                one.leak is not None and abs(one.leak / LEAKED_BYTES - 1) <= WITHIN for one in told
            ),
        ),
        Promise(
            "the borrowing endpoint is told within 15 % of its 30 MiB, with each seed",
            all(
                one.borrowed is not None and abs(one.borrowed / BORROWED_BYTES - 1) <= WITHIN
                for one in told
            ),
        ),
        Promise(
            "nobody else is said to keep anything, only to be below a bound",
            all(not one.named and one.others_keep is not None for one in told),
        ),
        Promise(
            "nobody else needs a sixth of it",
            all(
                one.others_need is not None and one.others_need < BORROWED_BYTES / 6 for one in told
            ),
        ),
        Promise(
            "the parts alone predict what the mix keeps within 20 %, with each seed",
            all(one.apart is not None and abs(one.apart) <= ADDS_UP_WITHIN for one in told),
        ),
    )


def _most(bounds: Iterable[float | None]) -> float | None:
    """None where one of them is unknown."""
    found = list(bounds)
    known = [one for one in found if one is not None]
    return max(known, default=None) if len(known) == len(found) else None


def _told(seed: int) -> Told:
    with tempfile.TemporaryDirectory(prefix="plimsoll-attribution-") as folder:
        words = ["-f", "locustfile.py", "--headless", "--loglevel", "ERROR"]
        words += ["--scenario", str(SCENARIO), "--seed", str(seed), "--runs-dir", folder]
        done = subprocess.run(
            [sys.executable, "-m", "locust", *words],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip
        reports = list(Path(folder).glob("*/report.json"))
        if len(reports) != 1:
            raise RuntimeError(f"seed {seed} wrote no report: {done.stderr[-500:]}")
        content: dict[str, Any] = json.loads(reports[0].read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in content["endpoints"]}
    others = {name: row for name, row in rows.items() if name not in (LEAKS, BORROWS)}
    told = content["attribution"]["prediction"] or {}
    return Told(
        seed,
        rows[LEAKS]["retained_bytes_per_request"],
        rows[BORROWS]["transient_bytes"],
        _most(row["retained_below_bytes"] for row in (*others.values(), rows[BORROWS])),
        _most(
            row["transient_below_bytes"] or (row["transient_ci95"] or (None, None))[1]
            for row in (*others.values(), rows[LEAKS])
        ),
        tuple(
            name
            for name, row in rows.items()
            if name != LEAKS and row["retained_bytes_per_request"]
        ),
        told.get("predicted_bytes"),
        told.get("kept_bytes"),
        told.get("disagreement"),
    )
