"""What the sidecar itself costs: seconds of its time by what they were spent on."""

from __future__ import annotations

import time
from types import TracebackType


class Costs:
    """Adds up wall seconds per kind of work; reading is blocking, so that wall is what it took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def of(self, kind: str) -> _Span:
        """Count the time inside the block."""
        return _Span(self.seconds, kind)


class _Span:
    # A generator as context manager costs as much as the small reads it would measure.
    __slots__ = ("_kind", "_seconds", "_started")

    def __init__(self, seconds: dict[str, float], kind: str) -> None:
        self._seconds = seconds
        self._kind = kind

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        spent = time.perf_counter() - self._started
        self._seconds[self._kind] = self._seconds.get(self._kind, 0.0) + spent
