"""A target with short spikes of memory at random times, which writes down when they were.

The spikes' pages are filled beforehand, in a file in memory: filling fresh pages would take longer
than the spike lasts. Mapping and populating makes them resident, and unmapping ends it.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

BASE_BYTES = 40 * 2**20  # the interpreter brings the other 10 MiB
SPIKE_BYTES = 200 * 2**20
SPIKES = 20
HOLD_SECONDS = 0.02
# Wide enough that a sample of any tool at 0.1 s can belong to one spike only.
LEAST_GAP_SECONDS = 0.4
SIZES = Path("/proc/self/smaps_rollup")
CHUNK = b"\x5a" * 2**20


@dataclass(frozen=True, slots=True)
class Spike:
    """One spike as it was: UTC epoch seconds, and the process's RSS and PSS just before it."""

    begun: float
    full_from: float
    full_until: float
    ended: float
    before_rss_bytes: int
    before_pss_bytes: int


def plan(seed: int, seconds: float) -> list[float]:
    """When the spikes begin, seconds from the start, at random but apart."""
    source = random.Random(seed)
    room = seconds - SPIKES * LEAST_GAP_SECONDS
    offsets = sorted(source.uniform(0, room) for _ in range(SPIKES))
    return [offset + number * LEAST_GAP_SECONDS for number, offset in enumerate(offsets)]


def filled_file() -> int:
    """A file in memory whose pages all exist; resident in no process."""
    file = os.memfd_create("spikes")
    for _ in range(SPIKE_BYTES // len(CHUNK)):
        os.write(file, CHUNK)
    return file


def sizes_bytes() -> tuple[int, int]:
    """Our own RSS and PSS."""
    rows = dict(line.split(":") for line in SIZES.read_text().splitlines()[1:])
    return (int(rows["Rss"].split()[0]) * 1024, int(rows["Pss"].split()[0]) * 1024)


def spike(file: int) -> Spike:
    """Make one."""
    rss, pss = sizes_bytes()
    begun = time.time()
    flags = mmap.MAP_SHARED | mmap.MAP_POPULATE
    pages = mmap.mmap(file, SPIKE_BYTES, flags=flags, prot=mmap.PROT_READ)
    full_from = time.time()
    time.sleep(HOLD_SECONDS)
    full_until = time.time()
    pages.close()
    return Spike(begun, full_from, full_until, time.time(), rss, pss)


def main() -> None:
    """Say ready, wait for a line, spike, write the truth, say done, wait for the end of input."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--seconds", type=float, required=True)
    options.add_argument("--truth", type=Path, required=True)
    chosen = options.parse_args()
    base, file = bytearray(b"\x5a" * BASE_BYTES), filled_file()
    print("ready", flush=True)
    sys.stdin.readline()
    started, made = time.monotonic(), []
    for offset in plan(chosen.seed, chosen.seconds):
        time.sleep(max(0.0, started + offset - time.monotonic()))
        made.append(asdict(spike(file)))
    time.sleep(max(0.0, started + chosen.seconds - time.monotonic()))
    chosen.truth.write_text(json.dumps(made))
    print("done", len(base), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
