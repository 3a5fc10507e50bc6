"""A memory group of cgroup v1, also on a hybrid host with PSI files in the unified hierarchy."""

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


class Version1:
    """Reads one folder below `mount`; `unified` is the process's folder in the v2 hierarchy.

    max_usage_in_bytes has one mark for all readers, so only one of them sets it back.
    """

    version = 1

    def __init__(self, path: Path, name: str, mount: Path, unified: Path | None = None) -> None:
        self.path = path
        self.name = name
        self._mount = mount
        self._files = GroupFiles(path)
        self._unified = GroupFiles(unified) if unified else None
        self._peak = open_to_reset(path / "memory.max_usage_in_bytes", os.O_WRONLY)
        self.peak_since_start = self._peak is None
        self.take_peak()

    def figures(self) -> GroupFigures | None:
        """What it holds now; the total_ figures count the groups below, as usage does."""
        usage, text = self._files.number("memory.usage_in_bytes"), self._files.read("memory.stat")
        if usage is None or text is None:
            return None
        stat = parse_flat(text)
        refaults = [stat[key] for key in _REFAULTS if key in stat]
        return GroupFigures(
            usage=usage,
            inactive_file=stat.get(b"total_inactive_file", 0),
            anon=stat.get(b"total_rss"),
            file=stat.get(b"total_cache"),
            shmem=stat.get(b"total_shmem"),
            kernel=self._files.number("memory.kmem.usage_in_bytes"),
            swap=stat.get(b"total_swap"),
            refaults=sum(refaults) if refaults else None,
            major_faults=stat.get(b"total_pgmajfault"),
        )

    def take_peak(self) -> int | None:
        """The highest usage since the last take, bytes."""
        highest = self._files.number("memory.max_usage_in_bytes")
        if highest is not None and self._peak is not None:
            try:
                os.pwrite(self._peak, b"0", 0)
            except OSError:
                os.close(self._peak)
                self._peak, self.peak_since_start = None, True
        return highest

    def limit(self) -> int | None:
        """The smallest memory.limit_in_bytes on the way up, bytes."""
        return smallest_limit(self.path, "memory.limit_in_bytes", self._mount)

    def events(self) -> GroupEvents | None:
        """From memory.oom_control; memory.failcnt stays 0 on newer kernels."""
        text = self._files.read("memory.oom_control")
        if text is None:
            return None
        kills = parse_flat(text).get(b"oom_kill")
        return GroupEvents(kills, None) if kills is not None else None

    def pressure(self) -> Pressure | None:
        """From the unified hierarchy of a hybrid host, where the process has a group of its own."""
        text = self._unified.read("memory.pressure") if self._unified else None
        return parse_pressure(text) if text else None

    def members(self) -> set[int] | None:
        """Pids in it and below it."""
        return pids_below(self.path)

    def close(self) -> None:
        """Close its files."""
        self._files.close()
        if self._unified:
            self._unified.close()
        if self._peak is not None:
            os.close(self._peak)
            self._peak = None


_REFAULTS = (b"total_workingset_refault_anon", b"total_workingset_refault_file")
