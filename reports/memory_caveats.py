"""What the memory figures are, and how exact their peaks."""

from __future__ import annotations

from reports import peaks
from reports.aligning import AlignedRun
from reports.findings import PhaseFigures
from reports.units import MIB, size_text

SHARED_MUCH = 1.2

MEASURE_TEXT = {
    "working_set": "Memory is the working set of the target's own cgroup: what the kernel counts"
    " against the limit, less inactive file pages.",
    "pss": "Memory is the sum of PSS; between its measurements the last difference RSS - PSS is"
    " carried.",
    "rss": "Memory is the sum of RSS: pages shared after a fork count once per process.",
}
PEAK_TEXT = {
    peaks.CGROUP: "Peaks are exact: the cgroup's own high-water mark of usage, set back at every"
    " sample, less inactive file pages.",
    peaks.ONE_MARK: "Peaks are exact: the process's high-water mark, set back at every sample,"
    " less what it shares.",
    peaks.SUM_OF_MARKS: "Peaks are upper ends: the sum of the processes' high-water marks between"
    " two samples, less what they share; the true peak lies between the largest sample and it.",
    peaks.CGROUP_SINCE_START: "The cgroup's peak could not be set back (rights, or an older"
    " kernel): it counts since start, so that a phase's peak may belong to an earlier one.",
    peaks.ONE_MARK_SINCE_START: "The high-water mark was not set back: it counts since start, and"
    " is a phase's peak where it rose within it.",
}


def memory_caveats(run: AlignedRun, phases: tuple[PhaseFigures, ...]) -> tuple[str, ...]:
    """The measure, the sources of peaks in the order of the phases, and what to mind."""
    if run.measure is None:
        return ("No memory figure: the samples are missing or unreadable.",)
    sources = dict.fromkeys(phase.memory.peak_source for phase in phases)
    texts = [MEASURE_TEXT[run.measure]]
    texts += [PEAK_TEXT[source] for source in sources if source in PEAK_TEXT]
    if peaks.SAMPLED in sources and run.interval_seconds:
        texts.append(
            f"Peaks are sampled at {1 / run.interval_seconds:g} Hz; spikes shorter than that can"
            " be missed."
        )
    texts += _charged_elsewhere(run) if run.measure == "working_set" else ()
    texts += _shared(run)
    if not any(phase.is_load for phase in run.phases):
        texts.append("No phase was under load.")
    return tuple(texts)


def _charged_elsewhere(run: AlignedRun) -> tuple[str, ...]:
    """Mapped file pages that the group was not charged for, because another one read them first."""
    gap = (run.data.memory["pss"] - run.data.memory["working_set"]).median()
    if not gap > MIB:
        return ()
    return (
        f"File pages that another group read first are charged there: the sum of PSS is"
        f" {size_text(int(gap))} higher (median). In a fresh container up to {size_text(int(gap))}"
        " more would be charged.",
    )


def _shared(run: AlignedRun) -> tuple[str, ...]:
    """The sum of RSS beside the figure used, where shared pages make a difference."""
    memory = run.data.memory
    proportional, resident = memory["pss"].mean(), memory["rss"].mean()
    if not proportional > 0 or not resident > SHARED_MUCH * proportional:
        return ()
    return (
        f"The sum of RSS, {size_text(int(resident))} on average, counts shared pages once per"
        f" process: {resident / proportional:.1f} times the sum of PSS,"
        f" {size_text(int(proportional))}.",
    )
