"""Locust's counts from its history CSV, where locust_stats.json is lost."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from reports.statistics import EntryCounts, Second, Statistics


def read_history(path: Path) -> Statistics:
    """Read Locust's history CSV by differences of its cumulative counts.

    Never by its `Requests/s` column, which is relative to the last request. Raises
    FileNotFoundError, or ValueError where the columns are not Locust's.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        # The last line of a killed writer may end within a number.
        whole_lines = text[: text.rfind("\n") + 1]
        frame = pd.read_csv(io.StringIO(whole_lines), on_bad_lines="skip")
        for column in ("Timestamp", "User Count", "Total Request Count", "Total Failure Count"):
            frame[column] = pd.to_numeric(frame[column], errors="coerce")
        frame = frame.dropna(subset=["Timestamp", "Total Request Count", "Total Failure Count"])
        whole = frame[frame["Name"] == "Aggregated"]
        single = frame[frame["Name"] != "Aggregated"]
    except KeyError as error:
        raise ValueError(f"{path.name}: no column {error}") from error
    last = single.fillna({"Type": ""}).groupby(["Type", "Name"], sort=True).last()
    entries = tuple(
        EntryCounts(str(key[0]), str(key[1]), int(total), int(failed))
        for key, total, failed in zip(
            last.index.to_list(),
            last["Total Request Count"],
            last["Total Failure Count"],
            strict=True,
        )
    )
    return Statistics(path.name, entries, _seconds_from_history(whole))


def _seconds_from_history(whole: pd.DataFrame) -> tuple[Second, ...]:
    seconds: list[Second] = []
    before_time, before_total, before_failed = None, 0, 0
    for time, users, total, failed in zip(
        whole["Timestamp"].astype(float),
        whole["User Count"],
        whole["Total Request Count"].astype(int),
        whole["Total Failure Count"].astype(int),
        strict=True,
    ):
        if before_time is not None and time <= before_time:
            continue
        length = 1.0 if before_time is None else time - before_time
        known_users = None if pd.isna(users) else int(users)
        new, new_failed = max(0, total - before_total), max(0, failed - before_failed)
        seconds.append(Second(time, length, known_users, new, new_failed))
        before_time, before_total, before_failed = time, total, failed
    return tuple(seconds)
