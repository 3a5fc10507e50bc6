"""Which sources are read: chosen by the system, or by name."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from memory_sidecar.group_watch import Whose


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """The source of per-process figures (by name), and which group's totals count beside it."""

    processes: str
    group: Whose


CHOICES = {
    "auto": "procfs, and the cgroup's totals where only the target lives in it",
    "procfs": "per-process figures alone",
    "cgroup": "the totals of the cgroup the target is in, whoever else lives there",
    "portable": "psutil alone, as on macOS and Windows",
}


def choose_sources(name: str, platform: str = sys.platform) -> SourceChoice:
    """The sources behind a name of CHOICES."""
    if name == "portable" or (name == "auto" and platform != "linux"):
        return SourceChoice("portable", Whose.NONE)
    groups = {"auto": Whose.OWN, "procfs": Whose.NONE, "cgroup": Whose.ANY}
    return SourceChoice("procfs", groups[name])
