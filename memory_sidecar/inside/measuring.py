"""The target's memory at one moment, by the figure that decides."""

from __future__ import annotations

from memory_sidecar.group_watch import GroupWatch
from memory_sidecar.sources import Source
from memory_sidecar.tree import TreeWatch


def memory_now(source: Source, tree: TreeWatch, group: GroupWatch) -> int:
    """Bytes: the working set of its own group, else PSS, else RSS; read anew, whatever it costs."""
    figures = group.figures()
    if figures is not None:
        return figures.working_set
    sizes = [(source.sizes(process), source.rss(process)) for process in tree.members]
    return sum(known.pss if known else rss or 0 for known, rss in sizes)
