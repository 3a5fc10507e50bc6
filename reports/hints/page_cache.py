"""Hint: page cache stays after the load, which looks like a leak and is none."""

from __future__ import annotations

from reports.hints.group_growth import group_growth
from reports.hints.hint import Hint
from reports.hints.seen import Seen
from reports.units import size_text

NOTABLE_BYTES = 20 * 1024 * 1024


def page_cache(seen: Seen) -> Hint | None:
    """None where no memory group was read, or nothing notable stays."""
    files, shared = (group_growth(seen.run, column) for column in ("cgroup_file", "cgroup_shmem"))
    if files is None:
        return None
    # The kernel counts tmpfs as file pages, too; it has a hint of its own.
    kept = files.kept_bytes - (max(0, shared.kept_bytes) if shared else 0)
    if kept < NOTABLE_BYTES:
        return None
    again = seen.commands
    first, command = (
        ("Prove the size under its limit", again.on_run("verify"))
        if again.can_repeat
        else (
            "Load the service by a plan, started by the suite, and prove that run's size under its"
            " limit",
            again.started("VERIFY=1"),
        )
    )
    return Hint(
        "Page cache stays after the load: files that were read or written",
        f"file pages of the group: {size_text(files.before_bytes)} in phase {files.before},"
        f" {size_text(files.after_bytes)} in phase {files.after}, {size_text(kept)} of the growth"
        " no tmpfs; the kernel drops them when the limit is near",
        f"{first}; if it crawls there, write less to disk (logs, temporary files)",
        command,
        "memory",
        kept,
    )
