"""How many connections were open, from samples that carry what was read last."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reports.aligning import AlignedPhase, AlignedRun
from reports.connections.opened import open_counts
from reports.loading import RunData
from reports.phase_windows import PhaseWindow
from reports.run_info import RunInfo
from reports.statistics import Statistics
from rundir import RunDirectory

MIB = 1024 * 1024


def phase(
    name: str, start: float, users: int, read: dict[float, int], carried: int
) -> AlignedPhase:
    """Ten seconds, a sample each; `read`: descriptors by the second at which they were read."""
    times, fds = [start + second for second in range(10)], []
    for time in times:
        carried = read.get(time - start, carried)
        fds.append(carried)
    memory = pd.DataFrame({"time": times, "fds": fds, "processes": 1, "working_set": 100 * MIB})
    rows = pd.DataFrame({"time": [start + at for at in read], "fds": list(read.values())})
    window = PhaseWindow(name, 0, start, start + 10, 10.0, users, ended=True)
    return AlignedPhase(window, users, memory.assign(pss=MIB, rss=MIB), rows, (), None)


def counted(*phases: AlignedPhase) -> list[int | None]:
    memory = pd.concat([one.memory for one in phases], ignore_index=True)
    processes = pd.concat([one.processes for one in phases], ignore_index=True)
    data = RunData(RunDirectory(Path()), RunInfo(), (), memory, processes, Statistics(), ())
    run = AlignedRun(data, 0.0, "working_set", 1.0, phases, ())
    return [one.open for one in open_counts(run)]


REST = phase("baseline", 0, 0, {0: 7, 5: 7}, 7)


def test_what_was_read_once_all_were_open_counts() -> None:
    assert counted(REST, phase("load-1", 10, 40, {0: 7, 4: 40, 6: 47}, 7)) == [40]


def test_what_was_read_before_all_were_open_is_not_taken_for_later() -> None:
    assert counted(REST, phase("load-1", 10, 40, {1: 17, 9: 47}, 7)) == [40]


@pytest.mark.parametrize("read", [{0: 7}, {4: 7}], ids=["at its start", "before its middle"])
def test_of_a_rest_the_last_reading_counts(read: dict[float, int]) -> None:
    rest = phase("baseline", 0, 0, read, 5)
    assert counted(rest, phase("load-1", 10, 40, {6: 47}, 7)) == [40]


def test_a_rest_without_any_reading_leaves_the_number_unknown() -> None:
    rest = phase("baseline", 0, 0, {}, 7)
    assert counted(rest, phase("load-1", 10, 40, {6: 47}, 7)) == [None]


def test_without_a_reading_in_the_second_half_the_number_is_unknown() -> None:
    assert counted(REST, phase("load-1", 10, 40, {1: 17}, 7)) == [None]
