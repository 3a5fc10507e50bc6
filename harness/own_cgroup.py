"""A memory cgroup of its own for a target that the suite starts, so that its totals are exact.

Made below our own group (v1), or below the nearest group that hands out the memory controller and
lets us in (v2). On a hybrid host the target gets a group in the unified hierarchy, too, which
counts its memory stalls. Used by the guard: standard library and the sidecar's cgroup facts only.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from memory_sidecar.cgroup_paths import Mount, parse_membership, parse_mounts, pids_below

NAME = re.compile(r"plimsoll-(\d+)-(\d+)")
REMOVAL_SECONDS = 2.0


class GroupRefused(Exception):
    """No group can be made here; the message says why."""


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """Folders of one group: the first counts memory, another (hybrid host) memory stalls."""

    folders: tuple[Path, ...]

    def enter(self) -> None:
        """Move the calling process in; meant for the moment before exec. Raises OSError."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self) -> None:
        """Kill whoever is left in it, and remove it."""
        for folder in self.folders:
            remove(folder)


def make_own_group(proc: Path = Path("/proc")) -> OwnGroup:
    """Make a group named after this process, and clear left-overs. Raises GroupRefused."""
    try:
        membership = parse_membership((proc / "self/cgroup").read_text())
        memory, unified = parse_mounts((proc / "self/mountinfo").read_text())
        name = f"plimsoll-{os.getpid()}-{start_ticks(os.getpid(), proc)}"
    except (OSError, ValueError, IndexError) as error:
        raise GroupRefused(f"no cgroups can be seen here ({error})") from None
    if memory is not None and membership.memory is not None:
        folder = _make(_own_folder(memory, membership.memory) / name)
        beside = _make_beside(unified, membership.unified, name)
        return OwnGroup((folder, *beside))
    if unified is None or membership.unified is None:
        raise GroupRefused("no memory cgroups are mounted here")
    refusals = []
    for parent in _ancestors(_own_folder(unified, membership.unified), unified.point):
        try:
            return OwnGroup((_make_below(parent, name),))
        except GroupRefused as refused:
            refusals.append(str(refused))
    raise GroupRefused("; ".join(refusals[:1]))


def where_memory_is_counted(proc: Path = Path("/proc")) -> int:
    """1 or 2: the version whose group can be made here. Raises GroupRefused."""
    group = make_own_group(proc)
    version = 1 if (group.folders[0] / "memory.limit_in_bytes").exists() else 2
    group.remove()
    return version


def _own_folder(mount: Mount, path: str) -> Path:
    inside = path if mount.root == "/" else path.removeprefix(mount.root)
    return mount.point / inside.lstrip("/")


def _ancestors(folder: Path, top: Path) -> Iterator[Path]:
    yield folder
    while folder not in (top, folder.parent):
        folder = folder.parent
        yield folder


def _make_below(parent: Path, name: str) -> Path:
    """On v2 only a parent that hands out the memory controller will do."""
    try:
        handed_out = (parent / "cgroup.subtree_control").read_text().split()
    except OSError as error:
        raise GroupRefused(f"{parent}: {error.strerror}") from None
    if "memory" not in handed_out:
        raise GroupRefused(f"{parent} does not hand out the memory controller")
    return _make(parent / name)


def _make_beside(unified: Mount | None, path: str | None, name: str) -> tuple[Path, ...]:
    if unified is None or path is None:
        return ()
    with contextlib.suppress(GroupRefused):
        return (_make(_own_folder(unified, path) / name),)
    return ()


def _make(folder: Path) -> Path:
    for leftover in leftovers(folder.parent):
        remove(leftover)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise GroupRefused(f"{folder.parent}: {error.strerror}") from None
    if not _lets_us_in(folder):
        remove(folder)
        raise GroupRefused(f"{folder.parent}: processes may not be moved there")
    return folder


def _lets_us_in(folder: Path) -> bool:
    """Tried with a child: rights to move processes cannot be read off the files' modes."""
    child = os.fork()
    if child == 0:
        try:
            (folder / "cgroup.procs").write_text(str(os.getpid()))
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def start_ticks(pid: int, proc: Path = Path("/proc")) -> int:
    """When the process started, in clock ticks after boot. Raises OSError when it is gone."""
    text = (proc / str(pid) / "stat").read_text(errors="replace")
    return int(text[text.rindex(")") + 2 :].split()[19])


def leftovers(parent: Path, proc: Path = Path("/proc")) -> list[Path]:
    """Groups below `parent` that are named after a process which lives no more."""
    found = []
    for folder in parent.glob("plimsoll-*"):
        named = NAME.fullmatch(folder.name)
        if named is None:
            continue
        try:
            alive = start_ticks(int(named[1]), proc) == int(named[2])
        except OSError:
            alive = False
        if not alive:
            found.append(folder)
    return found


def remove(folder: Path) -> None:
    """Kill whoever is in the group or below it, then remove it; a dying process takes a moment."""
    deadline = time.monotonic() + REMOVAL_SECONDS
    while folder.is_dir() and time.monotonic() < deadline:
        for pid in pids_below(folder) or ():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for inner in sorted(folder.glob("**/"), reverse=True):
            # Busy until the last process is reaped.
            with contextlib.suppress(OSError):
                inner.rmdir()
        time.sleep(0.02)
