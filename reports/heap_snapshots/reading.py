"""A .heapsnapshot file -> Snapshot."""

from __future__ import annotations

import mmap
from pathlib import Path

from reports.heap_snapshots.snapshot import Snapshot, parse_snapshot


def read_snapshot(path: Path) -> Snapshot:
    """Read what V8 wrote: the inspector, `v8.writeHeapSnapshot` or the browser's tools.

    Raises OSError, or ValueError where the file is cut off or is no heap snapshot.
    """
    with path.open("rb") as file:
        try:
            # Mapped: a file of some hundred MB is never in memory as a whole.
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return parse_snapshot(content)
        except ValueError as error:
            raise ValueError(f"{path}: {error}; take the snapshot again") from error
