"""Several runs of one scenario: one verdict, and whether they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reports.aligning import AlignedRun
from reports.assemble import assemble
from reports.errors import UsageError
from reports.findings import (
    Confidence,
    Findings,
    Gate,
    Leak,
    MemoryVerdict,
    Repeated,
    RepeatedRun,
    Verdict,
)
from reports.loading import RunData
from reports.sentence import growth_words
from reports.settings import Settings
from reports.units import percent, size_text, small_size_text

AGREE_FRACTION = 0.05
"""Peaks that differ by no more agree."""

Z95 = 1.959964
ORDER = ("fits", "fits_with_recycling", "tight", "cannot_tell", "fails")
"""From the best to the worst: the worst of the runs counts."""

KEPT = (False, None, True)


def assemble_repeated(
    runs: Sequence[RunData], generated: float, settings: Settings
) -> tuple[AlignedRun, Findings]:
    """The newest run's findings, with the verdict and the size of them all.

    Raises UsageError where the runs are not of one scenario.
    """
    scenarios = sorted({data.info.scenario or "unknown" for data in runs})
    if len(scenarios) > 1:
        raise UsageError(
            f"the runs are of different scenarios ({', '.join(scenarios)}): give repeated runs of"
            " one, or report each by itself"
        )
    if len({data.directory.path.resolve() for data in runs}) < len(runs):
        raise UsageError("a run directory is given twice: give different runs")
    alone = [assemble(data, generated, settings)[1] for data in runs]
    newest = max(range(len(runs)), key=lambda index: alone[index].run.started or 0.0)
    peaks = tuple(f.sizing.peak_bytes for f in alone if f.sizing.peak_bytes is not None)
    wish = replace(settings.wish, peaks=peaks)
    run, findings = assemble(runs[newest], generated, replace(settings, wish=wish))
    return run, merged(findings, alone)


def merged(newest: Findings, runs: Sequence[Findings]) -> Findings:
    """The newest findings with the verdict of all of them."""
    against = disagreements(runs)
    memory = _memory(newest.memory, runs)
    fit = max((run.verdict.fit for run in runs), key=ORDER.index)
    told = tuple(
        RepeatedRun(
            run.run.directory,
            run.verdict.fit,
            run.verdict.memory,
            run.sizing.peak_bytes,
            run.memory.leak.bytes_per_request if run.memory.leak else None,
        )
        for run in runs
    )
    words = f"{len(runs)} runs agree" if not against else f"{len(runs)} runs disagree"
    if fit != newest.verdict.fit:
        words += f", and one of them: {fit.replace('_', ' ')}"
    told_of_newest = newest.verdict.sentence.replace(
        growth_words(newest.memory), growth_words(memory)
    )
    verdict = Verdict(
        fit,
        memory.verdict,
        f"{words}. The newest: {told_of_newest}",
        _confidence(newest, against, len(runs)),
        (*against, *(newest.verdict.reasons if memory is newest.memory else memory.reasons)),
    )
    caveats = tuple(text for text in newest.caveats if not text.startswith("One run:"))
    return replace(
        newest,
        verdict=verdict,
        memory=memory,
        repeated=Repeated(not against, against, told),
        gates=_worst_gates(runs),
        caveats=caveats,
    )


def _worst_gates(runs: Sequence[Findings]) -> tuple[Gate, ...]:
    """Each rule as the run kept it that kept it least: a rule holds when it holds in all runs."""
    by_rule: dict[str, list[tuple[Gate, str]]] = {}
    for run in runs:
        for gate in run.gates:
            by_rule.setdefault(gate.rule, []).append((gate, run.run.directory))
    found = []
    for gates in by_rule.values():
        gate, where = min(gates, key=lambda pair: KEPT.index(pair[0].passed))
        told = f"in {where}" if gate.note is None else f"in {where}: {gate.note}"
        found.append(gate if gate.passed else replace(gate, note=told))
    return tuple(found)


def disagreements(runs: Sequence[Findings]) -> tuple[str, ...]:
    """One sentence for each figure in which the runs differ; those that cannot tell abstain."""
    found = []
    words = {run.verdict.memory for run in runs} - {"cannot_tell"}
    if len(words) > 1:
        found.append(f"the memory verdicts differ: {', '.join(sorted(words))}")
    fits = {run.verdict.fit for run in runs} - {"cannot_tell"}
    if len(fits) > 1:
        found.append(f"the runs differ in whether it fits: {', '.join(sorted(fits))}")
    peaks = [run.sizing.peak_bytes for run in runs if run.sizing.peak_bytes is not None]
    if peaks and max(peaks) > (1 + AGREE_FRACTION) * min(peaks):
        found.append(
            f"the peaks differ by {percent(max(peaks) / min(peaks) - 1)}:"
            f" {size_text(min(peaks))} to {size_text(max(peaks))}"
        )
    return tuple(found)


def _memory(newest: MemoryVerdict, runs: Sequence[Findings]) -> MemoryVerdict:
    """The word of those that could tell, or `cannot_tell` where they contradict each other."""
    decided = [run.memory for run in runs if run.memory.verdict != "cannot_tell"]
    words = {memory.verdict for memory in decided}
    if len(words) > 1:
        reason = f"the runs contradict each other: {', '.join(sorted(words))}"
        return MemoryVerdict("cannot_tell", (reason,), would_decide="more runs, or longer ones")
    if words == {"leak"}:
        return _pooled_leak(newest, decided)
    return decided[-1] if decided else newest


def _pooled_leak(newest: MemoryVerdict, leaking: Sequence[MemoryVerdict]) -> MemoryVerdict:
    """Mean weighted by the inverse variance; where the runs scatter more than their intervals say,
    the error is widened by Birge's ratio, sqrt(chi2 / (n - 1)) (Birge, Phys. Rev. 40, 1932).
    """
    leaks = [memory.leak for memory in leaking if memory.leak is not None]
    known = [
        (leak.bytes_per_request, leak.bytes_per_request_ci95)
        for leak in leaks
        if leak.bytes_per_request is not None and leak.bytes_per_request_ci95 is not None
    ]
    if len(known) < 2:
        return leaking[-1]
    rates = np.array([rate for rate, _ in known])
    errors = np.array([max(high - low, 1e-9) / (2 * Z95) for _, (low, high) in known])
    weights = 1 / errors**2
    rate = float((weights * rates).sum() / weights.sum())
    birge = np.sqrt((weights * (rates - rate) ** 2).sum() / (len(rates) - 1))
    error = float(max(1.0, birge) / np.sqrt(weights.sum()))
    interval = (max(0.0, rate - Z95 * error), rate + Z95 * error)
    base = newest.leak or leaks[-1]
    reason = (
        f"memory grows by {small_size_text(rate)} with each request (95 % interval"
        f" {small_size_text(interval[0])} to {small_size_text(interval[1])}) over {len(known)} runs"
    )
    chance = 1 - float(np.prod([1 - (memory.certainty or 0.0) for memory in leaking]))
    return replace(
        leaking[-1],
        reasons=(reason,),
        leak=_at_rate(base, rate, interval),
        certainty=chance,
    )


def _at_rate(base: Leak, rate: float, interval: tuple[float, float]) -> Leak:
    """The same leak at another rate: times and requests to the limit change in proportion."""
    share = rate / base.bytes_per_request if base.bytes_per_request else 1.0
    return replace(
        base,
        bytes_per_request=rate,
        bytes_per_request_ci95=interval,
        bytes_per_hour=base.bytes_per_hour * share if base.bytes_per_hour else None,
        seconds_to_limit=base.seconds_to_limit / share if base.seconds_to_limit else None,
        requests_to_limit=base.requests_to_limit / share if base.requests_to_limit else None,
    )


def _confidence(newest: Findings, against: tuple[str, ...], runs: int) -> Confidence:
    found = newest.verdict.confidence
    if against:
        return Confidence("low", against, "more runs on a quiet machine")
    reasons = tuple(
        f"{runs} runs agree" if reason == "one run" else reason for reason in found.reasons
    )
    ask = found.would_raise
    if ask is not None and ask.startswith("a second run"):
        ask = "a run under the advised limit: make verify RUN=..."
    return Confidence(found.level, reasons, ask)
