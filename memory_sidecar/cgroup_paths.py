"""Where groups are in the file system: the kernel's paths, and no figure.

The sidecar looks for a target's group with it, and the harness makes one: the only modules of the
sidecar that the harness imports are this one and the client.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


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


def pids_below(folder: Path) -> set[int] | None:
    """Pids in the group and in those below it; None when it is gone."""
    try:
        found = set(map(int, (folder / "cgroup.procs").read_text().split()))
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                found |= pids_below(Path(entry.path)) or set()
    except (OSError, ValueError):
        return None
    # 0 stands for a process outside of our pid namespace.
    return found - {0}
