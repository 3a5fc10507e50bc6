"""The figures of open connections that comparisons look at."""

from __future__ import annotations

from reports.connections.findings import Connections
from reports.findings import Measured


def connections_measured(found: Connections | None) -> tuple[Measured, ...]:
    """Growth while held, bytes per second and connection; 0 up to the bound where none is shown."""
    if found is None or found.held is None or found.held.reason is not None:
        return ()
    name, held = "held_bytes_per_second", found.held
    if held.bytes_per_second is not None:
        return (Measured(name, "B", held.bytes_per_second, held.ci95),)
    return (Measured(name, "B", 0.0, (0.0, held.below_bytes_per_second or 0.0)),)
