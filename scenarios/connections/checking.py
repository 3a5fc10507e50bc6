"""What the keys of [connections] must keep together, beyond the kind of each."""

from __future__ import annotations

from scenarios.errors import UsageError
from scenarios.model import Connections


def check_connections(wanted: Connections, where: str) -> None:
    """`where` names the table or the options in the error. Raises UsageError."""
    if any("${" in text for text in (wanted.path, *wanted.headers.values())):
        raise UsageError(f"{where}: ${{...}} is not filled in here; write path and headers out")
    if wanted.kind != "events" and wanted.read_bytes_per_second is not None:
        raise UsageError(
            f"{where}: read_bytes_per_second (READ_RATE) goes with kind = 'events' only;"
            " leave it out"
        )
