"""Whether a day at 10 Hz makes the sidecar grow."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.length import Length
from benchmarks.results import Outcome, Promise
from benchmarks.watchers import ROOT

PROMISED_BYTES = 5 * 2**20


def run(length: Length) -> Outcome:
    """A day's ticks with a made clock and target, in a process of their own."""
    words = ["-m", "benchmarks.day_of_ticks", str(length.endurance_ticks)]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=1800
    )
    found = json.loads(done.stdout)
    grown = found["end"] - found["first"]
    text = f"it grows by {_mib(grown)} MiB (promised: at most {_mib(PROMISED_BYTES)})"
    return Outcome(
        title=f"{length.endurance_ticks:,} ticks at 10 Hz through the sidecar's sampler: made "
        "clock, made tree of five with a worker recycled every minute, real files",
        columns=("RSS of the sampler's process", "MiB"),
        rows=(
            ("after the first minute (600 ticks)", _mib(found["first"])),
            ("at the end", _mib(found["end"])),
        ),
        promises=(Promise(text, grown <= PROMISED_BYTES),),
        notes=(f"Written to memory_samples.csv: {_mib(found['file'])} MiB.",),
    )


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f}"
