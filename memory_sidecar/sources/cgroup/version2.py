"""A memory group of cgroup v2."""

from __future__ import annotations

import os
from pathlib import Path

from memory_sidecar.cgroup_paths import pids_below
from memory_sidecar.sources.cgroup.figures import (
    GroupEvents,
    GroupFigures,
    Pressure,
    parse_flat,
    parse_pressure,
)
from memory_sidecar.sources.cgroup.files import (
    GroupFiles,
    open_to_reset,
    smallest_limit,
)


class Version2:
    """Reads one folder below `mount`.

    memory.peak is set back for the descriptor that was written to (Linux 6.12 and later), so one
    descriptor is kept for it.
    """

    version = 2

    def __init__(self, path: Path, name: str, mount: Path) -> None:
        self.path = path
        self.name = name
        self._mount = mount
        self._files = GroupFiles(path)
        self._peak = open_to_reset(path / "memory.peak", os.O_RDWR)
        self.peak_since_start = self._peak is None
        self.take_peak()

    def figures(self) -> GroupFigures | None:
        """What it holds now."""
        usage, text = self._files.number("memory.current"), self._files.read("memory.stat")
        if usage is None or text is None:
            return None
        stat = parse_flat(text)
        refaults = [
            stat[k] for k in (b"workingset_refault_anon", b"workingset_refault_file") if k in stat
        ]
        return GroupFigures(
            usage=usage,
            inactive_file=stat.get(b"inactive_file", 0),
            anon=stat.get(b"anon"),
            file=stat.get(b"file"),
            shmem=stat.get(b"shmem"),
            kernel=stat.get(b"kernel"),
            swap=self._files.number("memory.swap.current"),
            refaults=sum(refaults) if refaults else None,
            major_faults=stat.get(b"pgmajfault"),
        )

    def take_peak(self) -> int | None:
        """The highest usage since the last take, bytes."""
        if self._peak is None:
            return self._files.number("memory.peak")
        try:
            highest = int(os.pread(self._peak, 64, 0))
            os.pwrite(self._peak, b"0", 0)
        except (OSError, ValueError):
            # EINVAL before Linux 6.12, ENODEV when the group is gone.
            os.close(self._peak)
            self._peak, self.peak_since_start = None, True
            return self._files.number("memory.peak")
        return highest

    def limit(self) -> int | None:
        """The smallest memory.max on the way up, bytes."""
        return smallest_limit(self.path, "memory.max", self._mount)

    def events(self) -> GroupEvents | None:
        """From memory.events, which counts the groups below, too."""
        text = self._files.read("memory.events")
        if text is None:
            return None
        counts = parse_flat(text)
        return GroupEvents(counts.get(b"oom_kill", 0), counts.get(b"max"))

    def pressure(self) -> Pressure | None:
        """From memory.pressure; None where the kernel was built or started without it."""
        text = self._files.read("memory.pressure")
        return parse_pressure(text) if text else None

    def members(self) -> set[int] | None:
        """Pids in it and below it."""
        return pids_below(self.path)

    def close(self) -> None:
        """Close its files."""
        self._files.close()
        if self._peak is not None:
            os.close(self._peak)
            self._peak = None
