"""Run directory -> RunData: what is there is read, what is missing or torn becomes a caveat."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from reports.errors import UsageError
from reports.history import read_history
from reports.run_info import RunInfo, TargetInfo, parse_run_info
from reports.sample_tables import read_table
from reports.statistics import Statistics, read_totals
from rundir import (
    INSIDE_COLUMNS,
    MEMORY_COLUMNS,
    PROCESS_COLUMNS,
    Column,
    Event,
    RunDirectory,
    columns_of,
    read_events,
)
from rundir.columns import INSIDE_PROCESSES


@dataclass(frozen=True, slots=True)
class RunData:
    """All that a run left behind; the frames have the columns of rundir, unknown is NaN.

    `inside`: the rows in which processes spoke of themselves, with the columns that there are.
    `targets`: where there are several, each by its name, under the requests that all share.
    """

    directory: RunDirectory
    info: RunInfo
    events: tuple[Event, ...]
    memory: pd.DataFrame
    processes: pd.DataFrame
    statistics: Statistics
    caveats: tuple[str, ...]
    inside: pd.DataFrame = field(default_factory=pd.DataFrame)
    targets: tuple[tuple[str, RunData], ...] = ()


def load(path: Path) -> RunData:
    """Read the run directory at `path`; any file of it may be missing or torn.

    Raises UsageError where `path` is no run directory or of an unknown schema.
    """
    if not path.is_dir():
        raise UsageError(f"{path}: not a directory; give a run directory such as runs/<time>-name")
    directory = RunDirectory(path)
    known = (
        directory.run_json,
        directory.events,
        directory.memory_samples,
        directory.process_samples,
        directory.locust_stats_json,
        directory.locust_history_csv,
    )
    if not any(file.is_file() for file in known):
        raise UsageError(
            f"{path}: not a run directory (none of {', '.join(f.name for f in known)})"
        )
    caveats: list[str] = []
    info, statistics = _load_info(directory, caveats), _load_statistics(directory, caveats)
    whole = _measured(directory, info, statistics, caveats)
    targets = tuple(
        (name, _target(directory.target(name), name, info, statistics, caveats))
        for name in directory.target_names
    )
    return replace(whole, targets=targets, caveats=tuple(caveats))


def _measured(
    directory: RunDirectory, info: RunInfo, statistics: Statistics, caveats: list[str]
) -> RunData:
    more = _inside_columns(directory)
    memory = read_table(directory.memory_samples, (*MEMORY_COLUMNS, *more), caveats)
    return RunData(
        directory,
        info,
        _load_events(directory, caveats),
        memory.drop(columns=[column.name for column in more]),
        read_table(directory.process_samples, PROCESS_COLUMNS, caveats),
        statistics,
        tuple(caveats),
        _inside(memory, more),
    )


def _target(
    directory: RunDirectory, name: str, info: RunInfo, statistics: Statistics, caveats: list[str]
) -> RunData:
    """Its own host stands for that of the run; what is missing of it is a caveat of the run."""
    host = next((one for one in info.targets if one.name == name), TargetInfo(name))
    its = replace(info, mem_total_bytes=host.mem_total_bytes, hostname=host.hostname)
    missing: list[str] = []
    found = _measured(directory, its, statistics, missing)
    caveats += [f"{name}: {text}" for text in missing]
    return found


def _inside_columns(directory: RunDirectory) -> tuple[Column, ...]:
    """Those that sources inside the processes added to this run's samples."""
    try:
        written = columns_of(directory.memory_samples, INSIDE_COLUMNS)
    except OSError:
        return ()
    return tuple(column for column in INSIDE_COLUMNS if column.name in written)


def _inside(memory: pd.DataFrame, more: tuple[Column, ...]) -> pd.DataFrame:
    if not more:
        return pd.DataFrame()
    names = ["time", *(column.name for column in more)]
    return memory[names].dropna(subset=[INSIDE_PROCESSES.name])


def _load_info(directory: RunDirectory, caveats: list[str]) -> RunInfo:
    try:
        return parse_run_info(directory.read_run_json())
    except FileNotFoundError:
        caveats.append("run.json is missing: scenario, host and settings are unknown.")
    except (ValueError, OSError) as error:
        caveats.append(f"run.json cannot be read ({error.__class__.__name__}): settings unknown.")
    return RunInfo()


def _load_events(directory: RunDirectory, caveats: list[str]) -> tuple[Event, ...]:
    try:
        events, torn = read_events(directory.events)
    except FileNotFoundError:
        caveats.append("events.jsonl is missing: phases and the end of the run are guessed.")
        return ()
    except OSError as error:
        caveats.append(f"events.jsonl cannot be read ({error.strerror}).")
        return ()
    if torn:
        caveats.append(f"events.jsonl: {torn} torn line(s) left out.")
    return tuple(sorted(events, key=lambda event: event.time))


def _load_statistics(directory: RunDirectory, caveats: list[str]) -> Statistics:
    try:
        return read_totals(directory.locust_stats_json)
    except FileNotFoundError:
        lost = "locust_stats.json is missing"
    except (ValueError, OSError):
        lost = "locust_stats.json cannot be read"
    try:
        statistics = read_history(directory.locust_history_csv)
    except (FileNotFoundError, ValueError, OSError):
        caveats.append(f"{lost} and so is the history: requests are unknown.")
        return Statistics()
    caveats.append(
        f"{lost}: counts come from {statistics.source}, percentiles are unknown and up to 5 s at"
        " the end are missing."
    )
    return statistics
