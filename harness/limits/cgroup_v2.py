"""A memory cgroup of our own, v2: `memory.max` without swap, and one process or all killed."""

from __future__ import annotations

from pathlib import Path

from harness.limits.way import HardLimit, LimitRefused, LimitWay, as_it_is
from harness.own_cgroup import GroupRefused, where_memory_is_counted


def apply(folder: Path, limit: HardLimit) -> None:
    """Set the limit on an empty group. Raises LimitRefused."""
    try:
        (folder / "memory.max").write_text(str(limit.size_bytes))
        swap = folder / "memory.swap.max"
        if swap.exists():
            swap.write_text("0")
        # 0 is the kernel's default: one process dies, not the container.
        (folder / "memory.oom.group").write_text("1" if limit.oom_group else "0")
    except OSError as error:
        raise LimitRefused(f"{folder}: the limit cannot be set ({error.strerror})") from None


def refusal() -> str | None:
    """Why no group can be made here."""
    try:
        return None if where_memory_is_counted() == 2 else "memory is not counted by cgroup v2 here"
    except GroupRefused as refused:
        return str(refused)


WAY = LimitWay(
    "cgroup-v2",
    "anonymous memory, page cache with tmpfs and shared memory, kernel memory",
    "run as root, or inside a group of yours: systemd-run --user --scope -p Delegate=yes make ...",
    refusal,
    as_it_is,
    sets_group=True,
)
