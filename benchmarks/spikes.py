"""How many of 20 spikes of 20 ms each tool sees, and with the right height, side by side."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.length import Length
from benchmarks.results import Outcome, Promise
from benchmarks.spiky_target import SPIKE_BYTES, SPIKES, Spike
from benchmarks.target_process import hear, target, tell
from benchmarks.watchers import Measure, Reading, Watcher, mprof, ours, procpath, psrecord, watching

SEED = 20
NEAR = 0.05
# Peers date a sample before or after they read, and psrecord's start is known to some ms only.
CLOCK_SLACK_SECONDS = 0.05
SETTLE_SECONDS = 3.0
COLUMNS = ("tool, interval, size", "spikes seen", "within 5 % of the height", "samples")


@dataclass(frozen=True, slots=True)
class Score:
    """Spikes seen, those with the right height, and how many samples the tool took."""

    seen: int
    near: int
    samples: int


def score(
    readings: Iterable[Reading], spikes: list[Spike], measure: Measure, reach_seconds: float
) -> Score:
    """Which spikes the readings show; heights are compared in the tool's own measure.

    A reading above half a spike's height shows the nearest spike, if it is dated in it or not
    later than `reach_seconds` after it: a high-water mark is read at its window's end.
    """
    heights: dict[int, int] = {}
    samples = 0
    before = [_before_bytes(spike, measure) for spike in spikes]
    threshold = min(before) + SPIKE_BYTES // 2
    for reading in readings:
        samples += 1
        if reading.size_bytes is None or reading.size_bytes <= threshold:
            continue
        nearest = min(range(len(spikes)), key=lambda i: _distance(reading, spikes[i]))
        if _distance(reading, spikes[nearest]) <= reach_seconds + CLOCK_SLACK_SECONDS:
            heights[nearest] = max(reading.size_bytes, heights.get(nearest, 0))
    near = 0
    for number, height in heights.items():
        true = before[number] + SPIKE_BYTES
        near += abs(height - true) <= NEAR * true
    return Score(len(heights), near, samples)


def _before_bytes(spike: Spike, measure: Measure) -> int:
    return spike.before_pss_bytes if measure is Measure.PSS else spike.before_rss_bytes


def _distance(reading: Reading, spike: Spike) -> float:
    return max(spike.begun - reading.time, reading.time - spike.ended, 0.0)


def tools() -> tuple[tuple[Watcher, float], ...]:
    """Ours first; beside each tool how long after a spike a reading may be dated, seconds."""
    return (
        (ours(0.1), 0.1),
        (psrecord(None), 0.0),
        (psrecord(0.1), 0.1),
        (mprof(0.1, "default (0.1 s)"), 0.1),
        (procpath(None), 0.1),
        (procpath(0.1), 0.1),
    )


def run(length: Length) -> Outcome:
    """All tools watch the same process at once; only ours sets its high-water mark back."""
    watchers = tools()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spikes = _make_spikes(tuple(watcher for watcher, _ in watchers), folder, length)
        scores = [
            score(watcher.read(folder / str(number)), spikes, watcher.measure, reach)
            for number, (watcher, reach) in enumerate(watchers)
        ]
    mine = scores[0]
    text = f"the sidecar at 0.1 s sees {mine.seen} of 20, {mine.near} within 5 % (promised: 20, 20)"
    return Outcome(
        title=f"{SPIKES} spikes of {SPIKE_BYTES >> 20} MiB, 20 ms each, in "
        f"{length.spike_seconds:g} s (seed {SEED}), all tools on the same process",
        columns=COLUMNS,
        rows=tuple(_row(watcher, s) for (watcher, _), s in zip(watchers, scores, strict=True)),
        promises=(Promise(text, mine.seen == mine.near == SPIKES),),
        notes=(_widths(spikes),),
    )


def _row(watcher: Watcher, found: Score) -> tuple[str, ...]:
    seen, near = f"{found.seen} of {SPIKES}", f"{found.near} of {SPIKES}"
    return (f"{watcher.label}, {watcher.measure.value}", seen, near, f"{found.samples:,}")


def _make_spikes(watchers: tuple[Watcher, ...], folder: Path, length: Length) -> list[Spike]:
    truth = folder / "truth.json"
    words = ("--seed", str(SEED), "--seconds", f"{length.spike_seconds:g}", "--truth", str(truth))
    with target("spiky_target", *words) as process, watching(watchers, process.pid, folder):
        time.sleep(SETTLE_SECONDS)
        tell(process, "go")
        hear(process)
        time.sleep(0.5)
    return [Spike(**spike) for spike in json.loads(truth.read_text())]


def _widths(spikes: list[Spike]) -> str:
    held = sorted(spike.full_until - spike.full_from for spike in spikes)
    whole = sorted(spike.ended - spike.begun for spike in spikes)
    middle = len(spikes) // 2
    return (
        f"The spikes as they were: {held[middle] * 1e3:.0f} ms at full height (longest "
        f"{held[-1] * 1e3:.0f}), {whole[middle] * 1e3:.0f} ms with mapping and unmapping."
    )
