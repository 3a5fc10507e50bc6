"""A memory cgroup (v1) of a benchmark's own, below ours, and removed at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class NoGroup(Exception):
    """No group can be made here; the text says why."""


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A group's folder; all sizes in bytes."""

    folder: Path

    def command(self, words: list[str]) -> list[str]:
        """The words, started inside: the shell joins before it becomes the program."""
        join = 'echo $$ > "$0" && exec "$@"'
        return ["sh", "-c", join, str(self.folder / "cgroup.procs"), *words]

    def members(self) -> list[int]:
        """Process ids in the group."""
        return [int(line) for line in (self.folder / "cgroup.procs").read_text().split()]

    def size(self, name: str) -> int:
        """One of the files with a single number, such as `memory.usage_in_bytes`."""
        return int((self.folder / name).read_text())

    def counters(self) -> dict[str, int]:
        """`memory.stat`."""
        lines = (self.folder / "memory.stat").read_text().splitlines()
        return {name: int(value) for name, value in (line.split() for line in lines)}


@contextmanager
def own_group() -> Iterator[OwnGroup]:
    """Make the group. Raises NoGroup."""
    parent = _parent()
    folder = parent / f"plimsoll-benchmark-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        raise NoGroup(f"no memory cgroup can be made here: {error.strerror}") from None
    try:
        yield OwnGroup(folder)
    finally:
        _remove(folder)


def _parent() -> Path:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return Path("/sys/fs/cgroup/memory") / path.lstrip("/")
    raise NoGroup("the memory controller is not on cgroup v1 here")


def _remove(folder: Path) -> None:
    # Busy for a moment after its last process has ended.
    for _ in range(100):
        try:
            folder.rmdir()
            return
        except OSError:
            time.sleep(0.05)
    folder.rmdir()
