"""On recorded runs of the demo: the sawtooth is told where it was made, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.hints.sawtooth import sawtooth, teeth_of
from tests.corpus.recorded import cases
from tests.hints.made_seen import MIB, seen_of
from tests.reports.made_run import MadeRun

TRACES = {case.name: case.trace for case in cases()}


@pytest.mark.parametrize(("name", "height_mib"), [("sawtooth-40MiB", 40), ("sawtooth-100MiB", 100)])
def test_a_recorded_sawtooth_is_told_with_its_height(
    made: MadeRun, name: str, height_mib: int
) -> None:
    trace = TRACES[name]
    teeth = teeth_of(trace)
    assert teeth is not None
    assert teeth.usual_bytes == pytest.approx(height_mib * MIB, rel=0.15)
    seen = replace(seen_of(made, limit_bytes=round(1.1 * teeth.top_bytes)), trace=trace)
    hint = sawtooth(seen)
    assert hint is not None and "91 % of the limit" in hint.evidence


@pytest.mark.parametrize("name", ["plain", "plain-fast", "leak-30KiB", "cache-64MiB", "idle"])
def test_a_recorded_run_without_teeth_gives_none(made: MadeRun, name: str) -> None:
    seen = replace(seen_of(made, limit_bytes=None), trace=TRACES[name])
    assert sawtooth(seen) is None
