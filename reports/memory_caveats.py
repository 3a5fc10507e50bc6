"""What the memory figures are, and what they leave out or count twice."""

from __future__ import annotations

from reports.aligning import AlignedRun
from reports.charged_elsewhere import charged_elsewhere_bytes
from reports.findings import PhaseFigures
from reports.peak_caveats import peak_caveats
from reports.units import MIB, size_text

SHARED_MUCH = 1.2

MEASURE_TEXT = {
    "working_set": "Memory is the working set of the target's own cgroup: what the kernel counts"
    " against the limit, less inactive file pages.",
    "pss": "Memory is the sum of PSS; between its measurements the last difference RSS - PSS is"
    " carried.",
    "rss": "Memory is the sum of RSS: pages shared after a fork count once per process.",
}


def memory_caveats(run: AlignedRun, phases: tuple[PhaseFigures, ...]) -> tuple[str, ...]:
    """The measure, the sources of peaks in the order of the phases, and what to mind."""
    if run.measure is None:
        return ("No memory figure: the samples are missing or unreadable.",)
    return (
        MEASURE_TEXT[run.measure],
        *peak_caveats(run, phases),
        *_charged_elsewhere(run),
        *_shared(run),
        *_without_load(run),
    )


def _without_load(run: AlignedRun) -> tuple[str, ...]:
    if run.ended_before_mix:
        return ("The run ended before the mix, on which sizes and the verdict rest.",)
    return () if run.load_phases else ("No phase was under load.",)


def _charged_elsewhere(run: AlignedRun) -> tuple[str, ...]:
    """Mapped file pages that the group was not charged for, because another one read them first."""
    gap = charged_elsewhere_bytes(run, run.data.memory)
    if gap is None or gap <= MIB:
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
