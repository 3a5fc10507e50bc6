"""Which sources inside a process are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memory_sidecar.inside.source import InsideSource
from memory_sidecar.sources.node import Node
from memory_sidecar.sources.probe import Probe

CHOICES = {
    "auto": "a probe that the application brings is asked, and nothing else is touched",
    "yes": "the inspector of Node processes is opened, too",
    "no": "nobody is asked",
}


def choose_inside(
    name: str, components: Mapping[str, Sequence[str]] | None = None
) -> tuple[InsideSource, ...]:
    """The sources behind a name of CHOICES."""
    if name == "no":
        return ()
    probe = Probe(components)
    return (probe, Node()) if name == "yes" else (probe,)
