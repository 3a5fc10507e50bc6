"""V8 heap snapshots of one process, compared: which constructor keeps what a load allocated."""

from reports.heap_snapshots.comparison import ConstructorGrowth, SnapshotDifference, compare
from reports.heap_snapshots.reading import read_snapshot
from reports.heap_snapshots.snapshot import Snapshot, parse_snapshot

__all__ = [
    "ConstructorGrowth",
    "Snapshot",
    "SnapshotDifference",
    "compare",
    "parse_snapshot",
    "read_snapshot",
]
