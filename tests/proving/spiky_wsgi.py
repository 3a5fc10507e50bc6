"""The same for gunicorn: each worker maps SPIKE_MIB for a moment; without a lock between them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

from tests.proving.spiky_service import touched

Start = Callable[[str, list[tuple[str, str]]], object]


def app(environ: dict[str, str], start_response: Start) -> Iterable[bytes]:
    """`/heavy` spikes, everything else answers."""
    if environ["PATH_INFO"].startswith("/heavy"):
        memory = touched(int(os.environ["SPIKE_MIB"]))
        time.sleep(0.05)
        memory.close()
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
