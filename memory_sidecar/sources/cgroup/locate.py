"""Which memory group a process is in, and where its files are seen from here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from memory_sidecar.sources.cgroup.figures import MemoryGroup
from memory_sidecar.sources.cgroup.version1 import Version1
from memory_sidecar.sources.cgroup.version2 import Version2


@dataclass(frozen=True, slots=True)
class Membership:
    """Paths of a process as /proc/PID/cgroup tells them; None: not in that hierarchy."""

    memory: str | None
    unified: str | None


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted hierarchy: `point` shows the groups from `root` down."""

    point: Path
    root: str


def parse_membership(text: str) -> Membership:
    """Lines `id:controllers:path`; the unified hierarchy has no controllers' names."""
    memory = unified = None
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            unified = path
        elif "memory" in controllers.split(","):
            memory = path
    return Membership(memory, unified)


def parse_mounts(text: str) -> tuple[Mount | None, Mount | None]:
    """The mounts of the v1 memory controller and of cgroup v2 from /proc/self/mountinfo."""
    memory = unified = None
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, point = before.split()[3:5]
        mount = Mount(Path(point.replace("\\040", " ")), root)
        if kind == "cgroup2" and unified is None:
            unified = mount
        elif kind == "cgroup" and "memory" in options.split(",") and memory is None:
            memory = mount
    return memory, unified


def folder_of(path: str | None, mount: Mount | None) -> Path | None:
    """Where the group is seen below the mount; None for the root and for what lies outside."""
    if path is None or mount is None or path.startswith("/.."):
        return None
    inside = path if mount.root == "/" else path.removeprefix(mount.root)
    if mount.root != "/" and inside == path:
        return None
    if not inside.strip("/"):
        return None
    return mount.point / inside.lstrip("/")


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
