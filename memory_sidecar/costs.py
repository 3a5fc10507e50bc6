"""What the sidecar itself costs: seconds of its time by what they were spent on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Costs:
    """Adds up wall seconds per kind of work; reading is blocking, so that wall is what it took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def of(self, kind: str) -> Iterator[None]:
        """Count the time inside the block."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self.seconds[kind] = self.seconds.get(kind, 0.0) + spent
