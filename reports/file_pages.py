"""The target's memory as if pages of files had stayed as they were in the first phase.

A verdict asks what the target keeps: anonymous and shared memory, and the kernel's. Pages of files
move with what others do. A group's working set counts those that were used twice, by whoever reads
them in any group: the start of a Python process elsewhere was seen to raise one by 7.6 MiB. PSS
divides them among all that map them: as other processes that mapped the same libraries ended, the
PSS of a service whose RSS stood still rose by 1.3 MiB in 40 s, which was called a leak.
Sizes and peaks are not asked here: what counts against a limit counts.
"""

from __future__ import annotations

import pandas as pd

from reports.aligning import AlignedRun
from reports.blindness import memory_series


def file_pages_moved(run: AlignedRun) -> pd.Series[float]:
    """Bytes of file pages in each sample's figure above their median in the first phase, or below.

    0 where they are not known: of RSS, and in files of an older writer.
    """
    frame = run.data.memory
    if not run.phases:
        return pd.Series(0.0, index=frame.index)
    first = float(_file_pages(run, run.phases[0].memory).median())
    moved: pd.Series[float] = (_file_pages(run, frame) - first).ffill().fillna(0.0)
    return moved


def judged_memory(run: AlignedRun) -> pd.Series[float]:
    """The run's memory figure (bytes) at each sample, less the file pages that moved."""
    return memory_series(run, run.data.memory) - file_pages_moved(run)


def _file_pages(run: AlignedRun, frame: pd.DataFrame) -> pd.Series[float]:
    match run.measure:
        case "working_set":
            inactive = frame["cgroup_usage"] - frame["working_set"]
            return frame["cgroup_file"] - frame["cgroup_shmem"].fillna(0.0) - inactive
        case "pss":
            return frame["pss_file"]
        case _:
            return pd.Series(float("nan"), index=frame.index)
