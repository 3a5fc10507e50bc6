"""Where each phase's peak comes from, and how exact that makes it."""

from __future__ import annotations

from reports import peaks
from reports.aligning import AlignedRun
from reports.findings import PhaseFigures

NAMES_SHOWN = 5

TEXTS = {
    peaks.CGROUP: "Peaks{where} are exact: the cgroup's own high-water mark of usage, set back at"
    " every sample, less inactive file pages.",
    peaks.ONE_MARK: "Peaks{where} are exact: the process's high-water mark, set back at every"
    " sample, less what it shares.",
    peaks.SUM_OF_MARKS: "Peaks{where} are upper ends: the sum of the processes' high-water marks"
    " between two samples, less what they share; the true peak lies between the largest sample"
    " and it.",
    peaks.CGROUP_SINCE_START: "Peaks{where} come from the cgroup's high-water mark since start,"
    " which could not be set back (rights, or Linux before 6.12): exact where it rose within the"
    " phase, and a spike below it is missed.",
    peaks.ONE_MARK_SINCE_START: "Peaks{where} come from the process's high-water mark since start,"
    " which was not set back (no right to): exact where it rose within the phase, and a spike"
    " below it is missed.",
    peaks.SUM_OF_MARKS_SINCE_START: "Peaks{where} are upper ends: the sum of the processes'"
    " high-water marks since start, which were not set back (no right to) and need not have been"
    " reached at the same moment.",
}
SAMPLED = "Peaks{where} are sampled{rate}; spikes shorter than that can be missed."
RESIDENT = (
    "The processes' high-water marks count resident memory: page cache and kernel memory of the"
    " group at that moment are not in them."
)


def peak_caveats(run: AlignedRun, phases: tuple[PhaseFigures, ...]) -> tuple[str, ...]:
    """One sentence for each source; it names the phases where there is more than one source."""
    names: dict[str, dict[str, None]] = {}
    for phase in phases:
        if phase.memory.peak_source is not None:
            names.setdefault(phase.memory.peak_source, {})[phase.name] = None
    rate = f" at {1 / run.interval_seconds:g} Hz" if run.interval_seconds else ""
    told = [
        TEXTS.get(source, SAMPLED).format(
            where=_where(tuple(of)) if names.keys() - {source} else "", rate=rate
        )
        for source, of in names.items()
    ]
    if run.measure == "working_set" and names.keys() & set(peaks.RESIDENT):
        told.append(RESIDENT)
    return tuple(told)


def _where(names: tuple[str, ...]) -> str:
    if len(names) > NAMES_SHOWN:
        return f" in {len(names)} phases"
    return f" in {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}"
