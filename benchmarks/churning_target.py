"""A target that maps, fills and unmaps memory all the time, beside what it holds: each reader of
its page tables contends with it for the lock of its address space."""

from __future__ import annotations

import json
import mmap
import sys
import time

HELD_BYTES = 500 * 2**20
CHURNED = b"\x5a" * 2**20


def churn(seconds: float) -> list[float]:
    """Map, fill and unmap for so long; the duration of each round."""
    durations = []
    begun = ended = time.perf_counter()
    while ended - begun < seconds:
        started = ended
        with mmap.mmap(-1, len(CHURNED)) as pages:
            pages.write(CHURNED)
        ended = time.perf_counter()
        durations.append(ended - started)
    return durations


def main() -> None:
    """Say ready; then for each line, a number of seconds, churn and say the durations."""
    held = bytearray(b"\x5a" * HELD_BYTES)
    print("ready", len(held), flush=True)
    for line in sys.stdin:
        print(json.dumps(churn(float(line))), flush=True)


if __name__ == "__main__":
    main()
