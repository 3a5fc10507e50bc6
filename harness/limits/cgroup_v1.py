"""A memory cgroup of our own, v1: limit and memory-and-swap limit alike, so that nothing swaps."""

from __future__ import annotations

from pathlib import Path

from harness.limits.way import HardLimit, LimitRefused, LimitWay, as_it_is
from harness.own_cgroup import GroupRefused, where_memory_is_counted


def apply(folder: Path, limit: HardLimit) -> None:
    """Set the limit on an empty group. Raises LimitRefused."""
    try:
        (folder / "memory.limit_in_bytes").write_text(str(limit.size_bytes))
        with_swap = folder / "memory.memsw.limit_in_bytes"
        if with_swap.exists():
            with_swap.write_text(str(limit.size_bytes))
        else:
            # Without swap accounting the group can at least be told to prefer its caches.
            (folder / "memory.swappiness").write_text("0")
    except OSError as error:
        raise LimitRefused(f"{folder}: the limit cannot be set ({error.strerror})") from None
    if limit.oom_group:
        raise LimitRefused("cgroup v1 knows no kill of a whole group; leave out --oom-group")


def refusal() -> str | None:
    """Why no group can be made here."""
    try:
        return None if where_memory_is_counted() == 1 else "memory is not counted by cgroup v1 here"
    except GroupRefused as refused:
        return str(refused)


WAY = LimitWay(
    "cgroup-v1",
    "anonymous memory, page cache with tmpfs and shared memory, kernel memory",
    "run as root, or in a memory group that root has made and given to you (chown -R)",
    refusal,
    as_it_is,
    sets_group=True,
)
