"""Memory cgroups of both versions behind one interface."""

from memory_sidecar.sources.cgroup.figures import (
    GroupEvents,
    GroupFigures,
    MemoryGroup,
    Pressure,
)
from memory_sidecar.sources.cgroup.locate import find_group, is_of_its_container

__all__ = [
    "GroupEvents",
    "GroupFigures",
    "MemoryGroup",
    "Pressure",
    "find_group",
    "is_of_its_container",
]
