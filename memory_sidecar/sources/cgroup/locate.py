"""The memory group that a process is in, ready to be read."""

from __future__ import annotations

from pathlib import Path

from memory_sidecar.cgroup_paths import Membership, folder_of, parse_membership, parse_mounts
from memory_sidecar.sources.cgroup.figures import MemoryGroup
from memory_sidecar.sources.cgroup.version1 import Version1
from memory_sidecar.sources.cgroup.version2 import Version2


def find_group(pid: int, proc: Path = Path("/proc")) -> MemoryGroup | None:
    """The group of the process; None for the root group, and where nothing can be read."""
    try:
        membership = parse_membership((proc / str(pid) / "cgroup").read_text())
        memory, unified = parse_mounts((proc / "self" / "mountinfo").read_text())
    except (OSError, ValueError, IndexError):
        return None
    below_unified = folder_of(membership.unified, unified)
    if membership.memory is not None:
        folder = folder_of(membership.memory, memory)
        if folder is not None and memory is not None and _is_file(folder / _USAGE1):
            return Version1(folder, membership.memory, memory.point, below_unified)
    elif below_unified is not None and unified is not None and _is_file(below_unified / _USAGE2):
        return Version2(below_unified, membership.unified or "", unified.point)
    return _through_its_root(pid, proc, membership)


def is_of_its_container(pid: int, group: MemoryGroup, proc: Path = Path("/proc")) -> bool:
    """Whether it is the group of a container in which the process is the first.

    Then all that lives there belongs to it: also a health check that the engine starts beside it.
    """
    inside = proc / str(pid) / "root/sys/fs/cgroup"
    top = inside / "memory" if group.version == 1 else inside
    if _same(inside, proc / "self/root/sys/fs/cgroup") or not _same(top, group.path):
        return False
    try:
        parent = int((proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return False
    return parent not in (group.members() or {parent})


_USAGE1, _USAGE2 = "memory.usage_in_bytes", "memory.current"


def _through_its_root(pid: int, proc: Path, membership: Membership) -> MemoryGroup | None:
    """A container's own view: its group is the top of what is mounted inside of it.

    That is how a sidecar sees a target whose pid namespace it shares, but not its cgroup
    namespace: /proc/PID/cgroup then reads `/../<id>`, which no mount of ours leads to.
    """
    inside = proc / str(pid) / "root/sys/fs/cgroup"
    ours = proc / "self/root/sys/fs/cgroup"
    if _same(inside, ours):
        return None
    if _is_file(inside / "memory" / _USAGE1):
        return Version1(inside / "memory", membership.memory or "", inside / "memory")
    if _is_file(inside / _USAGE2):
        return Version2(inside, membership.unified or "", inside)
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
