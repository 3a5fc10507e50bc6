"""Heap snapshots of the run directory, compared process by process."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from reports.aligning import AlignedRun
from reports.heap_snapshots import SnapshotDifference, compare, read_snapshot
from reports.inside.findings import ConstructorRow, HeapComparison
from reports.inside.looks import LAST


def heap_comparisons(run: AlignedRun) -> tuple[tuple[HeapComparison, ...], tuple[str, ...]]:
    """One for each process with at least two snapshots, and caveats for what cannot be read."""
    files: dict[int, dict[str, Path]] = defaultdict(dict)
    for event in run.data.events:
        path = run.data.directory.path / Path(str(event.fields.get("file") or "-")).name
        if event.name == "heap_snapshot" and path.is_file():
            files[int(event.fields["pid"])][str(event.fields.get("moment"))] = path
    found, caveats = [], []
    for pid, taken in files.items():
        moments = list(taken)
        if len(moments) < 2:
            continue
        # In order of time: before the load, after it, and at the end.
        first, last = moments[0], moments[-1] if LAST not in taken else LAST
        middle = next((one for one in moments[1:] if one not in (first, last)), None)
        try:
            difference = compare(
                read_snapshot(taken[first]),
                read_snapshot(taken[middle]) if middle else None,
                read_snapshot(taken[last]),
            )
        except (ValueError, OSError) as error:
            caveats.append(f"Heap snapshots of process {pid} cannot be compared: {error}.")
            continue
        names = tuple(taken[one].name for one in (first, middle, last) if one)
        found.append(_comparison(pid, names, difference))
    return tuple(found), tuple(caveats)


def _comparison(pid: int, files: tuple[str, ...], difference: SnapshotDifference) -> HeapComparison:
    return HeapComparison(
        pid,
        files,
        difference.total_before_bytes,
        difference.total_after_bytes,
        difference.kept_bytes,
        difference.leaking,
        tuple(
            ConstructorRow(
                row.constructor,
                row.count_before,
                row.count_after,
                row.added,
                row.kept,
                row.kept_bytes,
                row.held_bytes,
            )
            for row in difference.rows
        ),
    )
