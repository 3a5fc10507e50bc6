"""Hint: files in memory (tmpfs, /dev/shm) stay after the load."""

from __future__ import annotations

from reports.hints.group_growth import group_growth
from reports.hints.hint import Hint
from reports.hints.seen import Seen
from reports.units import size_text

NOTABLE_BYTES = 10 * 1024 * 1024


def shared_files(seen: Seen) -> Hint | None:
    """None where no memory group was read, or nothing notable stays."""
    grown = group_growth(seen.run, "cgroup_shmem")
    if grown is None or grown.kept_bytes < NOTABLE_BYTES:
        return None
    return Hint(
        "Files in memory (tmpfs, /dev/shm) stay after the load",
        f"tmpfs and shared memory of the group: {size_text(grown.before_bytes)} in phase"
        f" {grown.before}, {size_text(grown.after_bytes)} in phase {grown.after}; they count"
        " against the limit and cannot be dropped",
        "Remove the files after use, or put them on a disk; then run again and compare",
        seen.commands.after(),
        "memory",
        grown.kept_bytes,
    )
