"""A process that puts many ticks through the sidecar's sampler and tells how much it grew."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import psutil

from benchmarks.made_target import ROOT_PID, MadeClock, MadeTarget
from memory_sidecar.clock import Tick
from memory_sidecar.finding_again import Following
from memory_sidecar.group_watch import GroupWatch, Whose
from memory_sidecar.limit import Limit
from memory_sidecar.recorder import Recorder
from memory_sidecar.sampler import Sampler, used_bytes
from memory_sidecar.summary import Summing, peak_of
from rundir import RunClock, RunDirectory

INTERVAL_SECONDS = 0.1
WARM_UP_TICKS = 600


def sampler(folder: Path, clock: MadeClock) -> Sampler:
    """The sidecar's own, with files, on the made target."""
    run_clock = RunClock(1_700_000_000.0, 0.0)
    return Sampler(
        MadeTarget(clock),
        ROOT_PID,
        GroupWatch(ROOT_PID, Whose.NONE),
        interval_seconds=INTERVAL_SECONDS,
        limit=Limit(4 * 2**30, "given"),
        recorder=Recorder(RunDirectory(folder), run_clock),
        on_alert=lambda _alert: None,
        following=Following(lambda: None, patience_seconds=1.0),
        clock=run_clock,
        now=clock,
    )


def main() -> None:
    """So many ticks; RSS after the first minute and at the end, as JSON."""
    process, clock, after_first_minute = psutil.Process(), MadeClock(), 0
    with tempfile.TemporaryDirectory() as name:
        sampling, summing = sampler(Path(name), clock), Summing()
        for number in range(int(sys.argv[1])):
            if number == WARM_UP_TICKS:
                after_first_minute = process.memory_info().rss
            clock.seconds = number * INTERVAL_SECONDS
            sample = sampling.take(Tick(clock.seconds, clock.seconds, missed=0))
            summing.add(sample.elapsed, used_bytes(sample) or 0, peak_of(sample))
        sampling.recorder.close()
        rows = (Path(name) / "memory_samples.csv").stat().st_size
    at_end = process.memory_info().rss
    print(json.dumps({"first": after_first_minute, "end": at_end, "file": rows}))


if __name__ == "__main__":
    main()
