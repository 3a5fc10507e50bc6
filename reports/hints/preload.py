"""Hint: several gunicorn workers share little."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.hints.hint import Hint
from reports.hints.seen import Seen
from reports.units import percent, size_text

ALIKE = 0.7
"""Sum of USS over sum of RSS from which little is shared; libraries' files alone are shared."""

NOTABLE_BYTES = 16 * 1024 * 1024
LEAST_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Sums:
    """Over the workers at one moment, bytes; `phase`: in which."""

    workers: int
    rss_bytes: int
    uss_bytes: int
    phase: str


def preload(seen: Seen) -> Hint | None:
    """None without gunicorn, with --preload, or where the workers share already."""
    command = seen.run.data.info.command or ""
    names = [process.name for process in seen.findings.processes]
    sums = _sums(seen.run.data.processes)
    if sums is None or "--preload" in command:
        return None
    if not any("gunicorn" in name for name in (command, *names)):
        return None
    if sums.uss_bytes < ALIKE * sums.rss_bytes:
        return None
    stake = sums.uss_bytes * (sums.workers - 1) // sums.workers
    if stake < NOTABLE_BYTES:
        return None
    return Hint(
        f"{sums.workers} workers share little",
        f"in phase {sums.phase} the workers' USS adds up to {size_text(sums.uss_bytes)}, their RSS"
        f" to {size_text(sums.rss_bytes)}: {percent(sums.uss_bytes / sums.rss_bytes)} is each one's"
        " own",
        "Add --preload to gunicorn's command (and gc.freeze() before the fork): what is imported"
        " is then shared; run again and compare",
        seen.commands.after(),
        "processes",
        stake,
    )


def _sums(processes: pd.DataFrame) -> Sums | None:
    """At the first moment at which each of several workers had its USS measured.

    Before the load where there is one: what it adds is each worker's own in any case.
    """
    workers = processes[(processes["role"] == "worker") & (processes["phase"] != "unphased")]
    workers = workers.dropna(subset=["rss", "uss"])
    for _, rows in workers.groupby("elapsed", sort=True):
        if len(rows) >= LEAST_WORKERS:
            return Sums(
                len(rows),
                int(rows["rss"].sum()),
                int(rows["uss"].sum()),
                str(rows["phase"].iloc[0]),
            )
    return None
